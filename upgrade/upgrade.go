// Package upgrade accepts opening handshakes (RFC 6455, section 4.2): coder/websocket responds to the request, and the caller
// gets the stream, which begins with the first frame.
package upgrade

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"

	"wsx/client/wire"
)

// Options configure which handshakes are accepted, and what is negotiated.
type Options struct {
	Subprotocols []string
	Origins      []string      // host patterns of other sites whose pages may connect; "*" = all
	Host         string        // the host whose own pages may connect; "" = the host of the request
	Deflate      *wire.Deflate // parameters of permessage-deflate; nil = not accepted
}

// Conn is a connection whose opening handshake was accepted.
type Conn struct {
	*wire.Stream
	Subprotocol string // the one chosen; "" = none
}

// OriginError is the error for a page of another site that is not accepted.
type OriginError struct{ Err error }

func (e *OriginError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *OriginError) Unwrap() error { return e.Err }

// Facts returns the facts that a hint depends on.
func (e *OriginError) Facts() (reason string, facts map[string]string) {
	return "origin-not-allowed", nil
}

var errTwoOrigins = errors.New("the request has more than one Origin header")

// Accept responds to an opening handshake. If it returns an error, it has refused the handshake: an *OriginError for the page of
// another site.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	if len(r.Header.Values("Origin")) > 1 {
		http.Error(w, errTwoOrigins.Error(), http.StatusBadRequest)
		return nil, errTwoOrigins
	}
	if o.Host != "" {
		request := *r
		request.Host = o.Host
		r = &request
	}
	hijacked := &hijacker{ResponseWriter: w, deflate: o.Deflate}
	library, err := websocket.Accept(hijacked, r, &websocket.AcceptOptions{
		Subprotocols:       o.Subprotocols,
		OriginPatterns:     o.Origins,
		InsecureSkipVerify: slices.Contains(o.Origins, "*"),
	})
	if err != nil {
		return nil, hijacked.explain(err)
	}
	library.CloseNow() // the library is not used further; the stream belongs to the caller
	return &Conn{hijacked.stream, library.Subprotocol()}, nil
}

// hijacker lets the library respond to the handshake, and keeps the stream.
type hijacker struct {
	http.ResponseWriter
	deflate *wire.Deflate
	status  int          // of the response
	stream  *wire.Stream // begins with the first frame; nil until the response is written
}

// WriteHeader adds the extension to a response that accepts.
func (h *hijacker) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols && h.deflate != nil {
		h.Header().Set("Sec-WebSocket-Extensions", h.deflate.String())
	}
	h.status = status
	h.ResponseWriter.WriteHeader(status)
}

// explain returns why the library refused the handshake, without the library's prefix.
func (h *hijacker) explain(err error) error {
	if why := errors.Unwrap(err); why != nil {
		err = why
	}
	if h.status == http.StatusForbidden {
		return &OriginError{Err: err}
	}
	return err
}

// Hijack keeps the stream, and returns a closed connection to the library.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn.SetDeadline(time.Time{}) // clears the deadline for the request's header
	h.stream = &wire.Stream{Conn: conn, Early: buffered.Reader}
	closed := closedConn{conn}
	return closed, bufio.NewReadWriter(bufio.NewReaderSize(closed, 16), bufio.NewWriterSize(closed, 16)), nil
}

// closedConn is the connection that the library gets. It behaves as if it were closed.
type closedConn struct{ net.Conn }

func (closedConn) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (closedConn) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (closedConn) Close() error              { return nil }
