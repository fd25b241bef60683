package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
)

// Request is a check's opening handshake: the one that the user's flags make, changed.
type Request struct {
	Change func(*probe.Request) // nil = as it is
	Judge  func(*Exchange) Outcome
}

// Exchange is a request and what came back.
type Exchange struct {
	Server   *Server
	Request  probe.Request
	Response *probe.Response
	Key      string // the Sec-WebSocket-Key of the unchanged request
	Err      error  // why there is no response; nil = there is one
	Took     time.Duration
	Conn     net.Conn
}

// Requests is a Judge that writes an opening handshake over HTTP/1.1 and judges the response.
func Requests(q Request) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if o, skip := s.skipsHTTP1(); skip {
			return o, nil
		}
		e, err := s.Exchange(ctx, q.Change)
		if err != nil {
			return Outcome{}, err
		}
		defer e.Close()
		o := q.Judge(e)
		o.Lines = e.lines()
		o.Lost = e.Err != nil && !timedOut(e.Err)
		return o, nil
	}
}

// skipsHTTP1 returns why checks of the opening handshake over HTTP/1.1 do not apply.
func (s *Server) skipsHTTP1() (Outcome, bool) {
	o, skip := skipsUnless(dial.HTTP1)(s)
	if !skip && s.Facts.Handshake != nil && len(s.Facts.Handshake.Redirects) > 0 {
		return Outcome{Verdict: Skip, Came: "the server redirects: give the URL that it redirects to, or use -L"}, true
	}
	return o, skip
}

// skipsUnless returns why checks of the opening handshake over a version of HTTP do not apply.
func skipsUnless(version dial.HTTPVersion) func(*Server) (Outcome, bool) {
	return func(s *Server) (Outcome, bool) {
		return Outcome{Verdict: Skip, Came: "the handshake uses " + s.Options.HTTP.String()}, s.Options.HTTP != version
	}
}

// Exchange connects, writes the user's opening handshake, changed, and reads the response. Its error means that there was no
// connection.
func (s *Server) Exchange(ctx context.Context, change func(*probe.Request)) (*Exchange, error) {
	t, err := s.Connect(ctx)
	if err != nil {
		return nil, err
	}
	e := &Exchange{Server: s, Key: probe.NewKey(), Request: probe.Request{Lines: t.Request}, Conn: t.Conn}
	e.Request.Add("Sec-WebSocket-Key: " + e.Key)
	if change != nil {
		change(&e.Request)
	}
	stop := context.AfterFunc(ctx, func() { t.Conn.Close() })
	defer stop()
	start := time.Now()
	e.Response, e.Err = e.Request.Ask(t.Conn, s.Patience)
	e.Took = time.Since(start)
	return e, nil
}

// Close ends the connection, which is closed as a client does if it was upgraded.
func (e *Exchange) Close() {
	if !e.Upgraded() {
		e.Conn.Close()
		return
	}
	conn := probe.NewConn(e.Response.Stream)
	e.Server.leave(conn)
	conn.Close()
}

// Upgraded reports whether the server answered with 101.
func (e *Exchange) Upgraded() bool {
	return e.Err == nil && e.Response.Status == http.StatusSwitchingProtocols
}

// maxBody is how much of the body of a response is read, in bytes.
const maxBody = 64 << 10

// Body reads the beginning of the body of a response that did not upgrade, within the server's patience.
func (e *Exchange) Body() string {
	if e.Err != nil || e.Upgraded() {
		return ""
	}
	e.Conn.SetReadDeadline(time.Now().Add(min(e.Server.Patience, 300*time.Millisecond)))
	body, _ := io.ReadAll(io.LimitReader(e.Response.Stream, maxBody)) // what came in time is what there is
	return string(body)
}

// lines are the request and the response for the report, secrets redacted.
func (e *Exchange) lines() []string {
	lines := dial.Redact(e.Request.Lines)
	lines = append(lines, "")
	if e.Response != nil && e.Response.Line != "" {
		lines = append(append(lines, e.Response.Line), dial.Redact(e.Response.Lines)...)
	}
	return lines
}

// came says in words what came back.
func (e *Exchange) came() string {
	if e.Err == nil {
		return e.Response.Line
	}
	switch {
	case timedOut(e.Err):
		return "no response " + within(e.Server.Patience)
	case e.Response.Line != "":
		return "a response that is truncated or not HTTP"
	}
	return "the connection ended without a response"
}

func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// Accepted judges whether the server upgrades, and proves that it has read the key.
func Accepted(e *Exchange) Outcome {
	switch {
	case e.Err != nil:
		return Outcome{Verdict: Fail, Came: e.came()}
	case slices.Contains([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}, e.Response.Status):
		return Outcome{Verdict: Inconclusive, Came: e.came()}
	case e.Response.Status != http.StatusSwitchingProtocols:
		return Outcome{Verdict: Fail, Came: e.came()}
	}
	key := e.Request.Get("Sec-WebSocket-Key")
	if got := e.Response.Header.Get("Sec-WebSocket-Accept"); got != probe.AcceptFor(key) {
		return Outcome{Verdict: Fail, Came: fmt.Sprintf("Sec-WebSocket-Accept: %s", got)}
	}
	return Outcome{Verdict: Pass, Came: e.came()}
}

// Refused judges whether the server does not upgrade. Where statuses are given, one of them is wanted.
func Refused(statuses ...int) func(*Exchange) Outcome {
	return func(e *Exchange) Outcome {
		switch {
		case timedOut(e.Err):
			return Outcome{Verdict: Fail, Came: e.came()}
		case e.Err != nil:
			return Outcome{Verdict: Warn, Came: e.came()}
		case e.Response.Status == http.StatusSwitchingProtocols:
			return Outcome{Verdict: Fail, Came: e.came()}
		case len(statuses) > 0 && !slices.Contains(statuses, e.Response.Status):
			return Outcome{Verdict: Fail, Came: e.came()}
		case e.Response.Status == http.StatusInternalServerError:
			return Outcome{Verdict: Warn, Came: e.came()}
		}
		return Outcome{Verdict: Pass, Came: e.came()}
	}
}

// Holds is the outcome of a rule that holds or does not.
func Holds(holds bool, came string) Outcome {
	if holds {
		return Outcome{Verdict: Pass, Came: came}
	}
	return Outcome{Verdict: Fail, Came: came}
}
