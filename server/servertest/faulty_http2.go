package servertest

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"
	"time"

	"wsx/http2"
)

// http2Preface begins a connection over HTTP/2 (RFC 9113, section 3.4).
const http2Preface = "PRI * HTTP/2.0"

// beginsHTTP2 waits for the first bytes and reports whether the client speaks HTTP/2.
func (f *Faulty) beginsHTTP2(in *bufio.Reader) bool {
	if f.fault.Name == "request-blocks" {
		f.opening.Lock()
		defer f.opening.Unlock()
	}
	return isHTTP2(in)
}

// isHTTP2 reports whether the client begins with the preface of HTTP/2.
func isHTTP2(in *bufio.Reader) bool {
	start, _ := in.Peek(len(http2Preface)) // fewer bytes after an error
	return bytes.Equal(start, []byte(http2Preface))
}

// handleHTTP2 serves each stream of a connection as a connection of its own (RFC 8441).
func (f *Faulty) handleHTTP2(conn net.Conn, in *bufio.Reader) {
	conn.SetReadDeadline(time.Time{})
	http2.NewServer(conn, f.changeFrames(conn, in), http2.ServerOptions{PrefaceTimeout: requestLimit}).Serve(func(s *http2.Stream) {
		c := &faultyConn{server: f, stream: s, in: bufio.NewReaderSize(s, 64<<10), out: bufio.NewWriterSize(s, 64<<10)}
		if c.openStream(s) {
			c.echo()
		}
		c.out.Flush()
		switch {
		case c.has("http2-reset"):
			s.Reset()
		case c.leftOpen:
			<-f.closed
		default:
			timer := time.AfterFunc(closeGrace, func() { s.Close() }) // a stream has no deadlines
			defer timer.Stop()
			c.closeSending()
		}
	})
}

// openStream answers the request of a stream and reports whether it became a WebSocket.
func (c *faultyConn) openStream(s *http2.Stream) bool {
	r := &request{method: s.Request.Method, target: s.Request.URL.RequestURI(), version: "HTTP/2.0"}
	r.fields = append(r.fields, field{"Host", s.Request.Host})
	for name, values := range s.Request.Header {
		for _, value := range values {
			r.fields = append(r.fields, field{name, value})
		}
	}
	for _, check := range []func(*request) *refusal{
		func(*request) *refusal { return c.checkProtocol(s) }, c.checkVersion, c.checkOrigin, c.checkCredentials,
	} {
		if refused := check(r); refused != nil {
			c.refuseStream(s, *refused)
			return false
		}
	}
	extension, refused := c.negotiateDeflate(r)
	if refused != nil {
		c.refuseStream(s, *refused)
		return false
	}
	return s.Respond(c.streamResponse(r, extension)) == nil
}

// checkProtocol checks that a request is an extended CONNECT for a WebSocket (RFC 8441, section 4).
func (c *faultyConn) checkProtocol(s *http2.Stream) *refusal {
	switch {
	case s.Request.Method != http.MethodConnect && !c.has("http2-method-accepted"):
		return &refusal{status: http.StatusMethodNotAllowed, fields: []string{"Allow: CONNECT"}}
	case s.Request.Method == http.MethodConnect && s.Protocol != "websocket" && !c.has("http2-protocol-accepted"):
		return &refusal{status: http.StatusNotImplemented}
	}
	return nil
}

// streamResponse returns the status and the fields that accept a request.
func (c *faultyConn) streamResponse(r *request, extension string) (int, http.Header) {
	header := http.Header{}
	for _, name := range c.chooseSubprotocol(r) {
		header.Add("Sec-WebSocket-Protocol", name)
	}
	if extension != "" {
		header.Set("Sec-WebSocket-Extensions", extension)
	}
	switch {
	case c.has("http2-accept-sent"):
		header.Set("Sec-WebSocket-Accept", acceptKey(r.value("Sec-WebSocket-Key")))
	case c.has("http2-connection-sent"):
		header.Set("Connection", "Upgrade")
	}
	if c.has("http2-status-201") {
		return http.StatusCreated, header
	}
	return http.StatusOK, header
}

func (c *faultyConn) refuseStream(s *http2.Stream, r refusal) {
	header := http.Header{}
	for _, line := range r.fields {
		name, value, _ := strings.Cut(line, ": ")
		header.Set(name, value)
	}
	header.Del("Upgrade") // HTTP/2 has no such field
	if s.Respond(r.status, header) == nil {
		c.out.WriteString(r.body)
	}
}
