package client

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"

	"wsx/client/dial"
	"wsx/client/wire"
)

// accept answers an opening handshake as a server does (RFC 6455, section 4.2), by the options of an acceptor. What it refuses was
// answered when it returns an error.
func (o Options) accept(w http.ResponseWriter, r *http.Request, rules AcceptOptions) (*dial.Conn, error) {
	begun := time.Now()
	taken := &hijacker{ResponseWriter: w}
	if !o.NoCompress {
		taken.deflate = wire.Accept(r.Header.Values("Sec-WebSocket-Extensions"))
	}
	library, err := websocket.Accept(taken, rules.withHost(r), &websocket.AcceptOptions{
		Subprotocols:       o.Subprotocols,
		OriginPatterns:     rules.Origins,
		InsecureSkipVerify: slices.Contains(rules.Origins, "*"),
	})
	if err != nil {
		return nil, taken.explain(err)
	}
	library.CloseNow() // the library's part ends here; the stream is ours
	h := o.handshakeOf(r, taken)
	h.Timing.Upgrade = time.Since(begun)
	return &dial.Conn{Stream: taken.stream, Handshake: h, Deflate: taken.deflate}, nil
}

// withHost is the request with the host to which its Origin is compared.
func (p AcceptOptions) withHost(r *http.Request) *http.Request {
	if p.Host == nil {
		return r
	}
	asked := *r
	asked.Host = p.Host(r)
	return &asked
}

// handshakeOf is what was agreed with a client.
func (o Options) handshakeOf(r *http.Request, t *hijacker) *dial.Handshake {
	answer := t.Header()
	h := &dial.Handshake{
		Accepted: true,
		URL:      "ws://" + r.Host + r.URL.RequestURI(),
		HTTP:     r.Proto, Status: http.StatusSwitchingProtocols,
		Subprotocol: answer.Get("Sec-WebSocket-Protocol"), Extensions: answer.Get("Sec-WebSocket-Extensions"),
		Request:  append([]string{r.Method + " " + r.RequestURI + " " + r.Proto, "Host: " + r.Host}, sortedLines(r.Header)...),
		Response: append([]string{"HTTP/1.1 101 Switching Protocols"}, sortedLines(answer)...),
		Header:   answer,
		Local:    t.stream.LocalAddr().String(), Remote: r.RemoteAddr, TLS: r.TLS,
	}
	if r.TLS != nil {
		h.URL = "wss" + h.URL[len("ws"):]
	}
	if !o.ShowSecrets {
		h.Request = dial.Redact(h.Request)
	}
	return h
}

// sortedLines are header fields as lines, in the order of their names: the order in which they came is not known.
func sortedLines(header http.Header) []string {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return lines
}

// hijacker lets the library answer the handshake, and keeps the stream from it.
type hijacker struct {
	http.ResponseWriter
	deflate *wire.Deflate // what to agree to; nil = nothing
	status  int           // of the answer
	stream  *dial.Stream  // from the first frame on, once the handshake is answered
}

// WriteHeader names the extension in the answer that accepts.
func (t *hijacker) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols && t.deflate != nil {
		t.Header().Set("Sec-WebSocket-Extensions", t.deflate.String())
	}
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

// explain returns why the library refused the handshake, without the library's own words.
func (t *hijacker) explain(err error) error {
	if why := errors.Unwrap(err); why != nil {
		err = why
	}
	if t.status == http.StatusForbidden {
		return &OriginError{Err: err}
	}
	return err
}

// Hijack gives the library a connection that leads nowhere.
func (t *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn.SetDeadline(time.Time{}) // that of the request's header
	t.stream = &dial.Stream{Conn: conn, Early: buffered.Reader}
	nowhere := closedConn{conn}
	return nowhere, bufio.NewReadWriter(bufio.NewReader(nowhere), bufio.NewWriter(nowhere)), nil
}

// closedConn is a connection that the library can no longer use.
type closedConn struct{ net.Conn }

func (closedConn) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (closedConn) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (closedConn) Close() error              { return nil }
