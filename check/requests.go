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

// Request describes a check's opening handshake, as a change of the one with the user's options.
type Request struct {
	Change   func(*probe.Request) // nil = unchanged
	Evaluate func(*Exchange) Outcome
}

// Exchange is a request and its response.
type Exchange struct {
	Server   *Server
	Request  probe.Request
	Response *probe.Response
	Key      string // the Sec-WebSocket-Key of the unchanged request
	Err      error  // why no response was received; nil = one was received
	Conn     net.Conn
}

// Requests returns a check that writes an opening handshake over HTTP/1.1 and evaluates the response.
func Requests(q Request) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if o, skip := s.skipsHTTP1(); skip {
			return o, nil
		}
		e, err := s.Exchange(ctx, q.Change)
		if err != nil {
			return Outcome{}, err
		}
		defer e.Close()
		o := q.Evaluate(e)
		o.Lines = e.lines()
		o.Lost = e.Err != nil && !timedOut(e.Err)
		return o, nil
	}
}

// skipsHTTP1 returns whether checks of the opening handshake over HTTP/1.1 are skipped, and their outcome.
func (s *Server) skipsHTTP1() (Outcome, bool) {
	o, skip := skipsUnless(dial.HTTP1)(s)
	if !skip && s.Facts.Handshake != nil && len(s.Facts.Handshake.Redirects) > 0 {
		return Outcome{Verdict: Skip, Received: "the server redirects: give the URL that it redirects to"}, true
	}
	return o, skip
}

// skipsUnless returns a function like skipsHTTP1 for checks of a version of HTTP.
func skipsUnless(version dial.HTTPVersion) func(*Server) (Outcome, bool) {
	return func(s *Server) (Outcome, bool) {
		return Outcome{Verdict: Skip, Received: "the handshake uses " + s.Options.HTTP.String()}, s.Options.HTTP != version
	}
}

// Exchange connects, writes the user's opening handshake as changed by change, and reads the response. An error means that
// there was no connection.
func (s *Server) Exchange(ctx context.Context, change func(*probe.Request)) (*Exchange, error) {
	t, err := s.connect(ctx)
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
	e.Response, e.Err = e.Request.Do(t.Conn, s.Timeout)
	return e, nil
}

// Close closes the connection, with a closing handshake if it was upgraded.
func (e *Exchange) Close() {
	if !e.Upgraded() {
		e.Conn.Close()
		return
	}
	conn := probe.NewConn(e.Response.Stream)
	e.Server.closeConn(conn)
	conn.Close()
}

// Upgraded reports whether the server answered with 101.
func (e *Exchange) Upgraded() bool {
	return e.Err == nil && e.Response.Status == http.StatusSwitchingProtocols
}

// maxBody bounds what is read of the body of a response, in bytes.
const maxBody = 64 << 10

// Body returns the beginning of the body of a response that did not upgrade: what arrives within Server.Timeout.
func (e *Exchange) Body() string {
	if e.Err != nil || e.Upgraded() {
		return ""
	}
	e.Conn.SetReadDeadline(time.Now().Add(min(e.Server.Timeout, 300*time.Millisecond)))
	body, _ := io.ReadAll(io.LimitReader(e.Response.Stream, maxBody)) // an error only means that no more arrived in time
	return string(body)
}

// lines returns the request and the response for the report, with secrets redacted.
func (e *Exchange) lines() []string {
	lines := dial.Redact(e.Request.Lines)
	lines = append(lines, "")
	if e.Response != nil && e.Response.Line != "" {
		lines = append(append(lines, e.Response.Line), dial.Redact(e.Response.Lines)...)
	}
	return lines
}

// describe returns the response in words.
func (e *Exchange) describe() string {
	if e.Err == nil {
		return e.Response.Line
	}
	switch {
	case timedOut(e.Err):
		return "no response " + within(e.Server.Timeout)
	case e.Response.Line != "":
		return "a response that is truncated or not HTTP"
	}
	return "the connection ended without a response"
}

func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// Accepted returns the outcome of a request that the server must upgrade, with the correct Sec-WebSocket-Accept.
func Accepted(e *Exchange) Outcome {
	switch {
	case e.Err == nil && slices.Contains([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}, e.Response.Status):
		return Outcome{Verdict: Inconclusive, Received: e.describe()}
	case !e.Upgraded():
		return Outcome{Verdict: Fail, Received: e.describe()}
	}
	key := e.Request.Get("Sec-WebSocket-Key")
	if got := e.Response.Header.Get("Sec-WebSocket-Accept"); got != probe.AcceptFor(key) {
		return Outcome{Verdict: Fail, Received: fmt.Sprintf("Sec-WebSocket-Accept: %s", got)}
	}
	return Outcome{Verdict: Pass, Received: e.describe()}
}

// Refused returns the outcome of a request that the server must answer with an HTTP error.
func Refused(e *Exchange) Outcome {
	switch {
	case timedOut(e.Err), e.Upgraded():
		return Outcome{Verdict: Fail, Received: e.describe()}
	case e.Err != nil, e.Response.Status == http.StatusInternalServerError:
		return Outcome{Verdict: Warn, Received: e.describe()}
	}
	return Outcome{Verdict: Pass, Received: e.describe()}
}

// Holds returns the outcome of a rule that is kept or not.
func Holds(holds bool, received string) Outcome {
	if holds {
		return Outcome{Verdict: Pass, Received: received}
	}
	return Outcome{Verdict: Fail, Received: received}
}

// logInAfter logs in on a connection after an opening handshake that a check has written itself.
func (s *Server) logInAfter(ctx context.Context, conn *opened, e *Exchange) error {
	url, _, state, err := s.Protocol.Connect(ctx)
	if err != nil {
		return err
	}
	conn.Handshake = &dial.Handshake{URL: url, Subprotocol: e.Response.Header.Get("Sec-WebSocket-Protocol")}
	return logIn(ctx, conn, state)
}
