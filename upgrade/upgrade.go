// Package upgrade accepts opening handshakes (RFC 6455, section 4.2): coder/websocket answers the request, and the stream is ours from
// the first frame on.
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

// Options are what is agreed to.
type Options struct {
	Subprotocols []string
	Origins      []string      // host patterns of other sites whose pages may connect; "*" = all
	Host         string        // the host whose own pages may connect; "" = that which the request is for
	Deflate      *wire.Deflate // of permessage-deflate; nil = it is not agreed to
}

// Conn is a connection whose opening handshake was accepted.
type Conn struct {
	*wire.Stream
	Subprotocol string // that was agreed on; "" = none
}

// OriginError is a page of another site that was not accepted.
type OriginError struct{ Err error }

func (e *OriginError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *OriginError) Unwrap() error { return e.Err }

// Facts returns what a hint goes by.
func (e *OriginError) Facts() (reason string, facts map[string]string) {
	return "origin-not-allowed", nil
}

var errTwoOrigins = errors.New("the request has more than one Origin header")

// Accept answers an opening handshake. When it returns an error, the answer was a refusal: an *OriginError for the page of another site.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	if len(r.Header.Values("Origin")) > 1 {
		http.Error(w, errTwoOrigins.Error(), http.StatusBadRequest)
		return nil, errTwoOrigins
	}
	if o.Host != "" {
		asked := *r
		asked.Host = o.Host
		r = &asked
	}
	taken := &hijacker{ResponseWriter: w, deflate: o.Deflate}
	library, err := websocket.Accept(taken, r, &websocket.AcceptOptions{
		Subprotocols:       o.Subprotocols,
		OriginPatterns:     o.Origins,
		InsecureSkipVerify: slices.Contains(o.Origins, "*"),
	})
	if err != nil {
		return nil, taken.explain(err)
	}
	library.CloseNow() // the library's part ends here; the stream is ours
	return &Conn{taken.stream, library.Subprotocol()}, nil
}

// hijacker lets the library answer the handshake, and keeps the stream from it.
type hijacker struct {
	http.ResponseWriter
	deflate *wire.Deflate
	status  int          // of the answer
	stream  *wire.Stream // from the first frame on, once the handshake is answered
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
	t.stream = &wire.Stream{Conn: conn, Early: buffered.Reader}
	nowhere := nowhere{conn}
	return nowhere, bufio.NewReadWriter(bufio.NewReaderSize(nowhere, 16), bufio.NewWriterSize(nowhere, 16)), nil
}

// nowhere is a connection that the library can no longer use.
type nowhere struct{ net.Conn }

func (nowhere) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (nowhere) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (nowhere) Close() error              { return nil }
