package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// frameBuffer is what the library gathers before it hands bytes to the cork: a header and a short payload.
const frameBuffer = 512

// keptBuffer is how much of a message's buffer is kept for the next, bytes.
const keptBuffer = 16 << 10

// session is one client, from the opening handshake to the goodbye.
type session struct {
	server *Server
	id     int // in the log
	query  func(string) string
	conn   *websocket.Conn
	cork   *cork
	sent   atomic.Int64 // messages
	heard  atomic.Int64
	ending atomic.Pointer[farewell] // what we said first
}

// farewell is why we end a session: the Close we say.
type farewell struct {
	code   websocket.StatusCode
	reason string
}

func (f farewell) Error() string { return fmt.Sprintf("%d %s", f.code, f.reason) }

var notUTF8 = farewell{websocket.StatusInvalidFramePayloadData, "text that is not UTF-8"}

// ServeHTTP serves who asks for a WebSocket, and gives browsers the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.HTTP2 && asksForHTTP2(r) {
		s.switchToHTTP2(w)
		return
	}
	if s.options.Handler != nil {
		s.options.Handler.ServeHTTP(w, r)
		return
	}
	if !asksForUpgrade(r) {
		servePage(w, r)
		return
	}
	if !s.begin() {
		http.Error(w, shuttingDown.reason, http.StatusServiceUnavailable)
		s.journal.refused(r, errors.New(shuttingDown.reason))
		return
	}
	defer s.left.Done()
	one, err := s.accept(w, r)
	if err != nil {
		s.journal.refused(r, err)
		return
	}
	s.enter(one)
	defer s.leave(one)
	s.journal.opened(one, r)
	err = one.why(s.behave(one))
	one.end(err)
	s.journal.closed(one, err)
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request) (*session, error) {
	corked := &corkedWriter{ResponseWriter: w}
	r.Host = Host(r) // to which the library compares the Origin
	options := &websocket.AcceptOptions{
		Subprotocols:       s.options.Subprotocols,
		OriginPatterns:     s.options.Origins,
		InsecureSkipVerify: slices.Contains(s.options.Origins, "*"),
		CompressionMode:    websocket.CompressionNoContextTakeover, // with takeover each client would keep a compressor
	}
	if s.options.NoCompress {
		options.CompressionMode = websocket.CompressionDisabled
	}
	conn, err := websocket.Accept(corked, r, options)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(-1)
	if s.options.MaxMessage > 0 {
		conn.SetReadLimit(s.options.MaxMessage)
	}
	return &session{server: s, query: r.URL.Query().Get, conn: conn, cork: corked.cork}, nil
}

// corkedWriter puts the cork under the library's connection.
type corkedWriter struct {
	http.ResponseWriter
	cork *cork
}

// Hijack hands the connection over as net/http does, corked.
func (w *corkedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.cork = newCork(raw)
	return w.cork, bufio.NewReadWriter(buffered.Reader, bufio.NewWriterSize(w.cork, frameBuffer)), nil
}

// next waits for a message and reads it into buffer, at most limit bytes; rest has what is left, nil = nothing.
func (c *session) next(buffer []byte, limit int) (typ websocket.MessageType, p []byte, rest io.Reader, err error) {
	typ, rest, err = c.conn.Reader(context.Background())
	if err != nil {
		return 0, nil, nil, err
	}
	p, err = fill(rest, buffer[:0], limit)
	if err == nil {
		return typ, p, rest, nil
	}
	if err != io.EOF {
		return 0, nil, nil, err
	}
	c.server.journal.message(c, "in", typ, p)
	if typ == websocket.MessageText && !utf8.Valid(p) {
		return 0, nil, nil, notUTF8
	}
	c.heard.Add(1)
	return typ, p, nil, nil
}

// fill appends what r has to p, until there are limit bytes (nil) or no more (io.EOF).
func fill(r io.Reader, p []byte, limit int) ([]byte, error) {
	for len(p) < limit {
		if len(p) == cap(p) {
			p = slices.Grow(p, max(512, len(p)))
		}
		n, err := r.Read(p[len(p):min(cap(p), limit)])
		p = p[:len(p)+n]
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// say sends a message. A client that does not read makes it wait.
func (c *session) say(typ websocket.MessageType, p []byte) error {
	c.server.journal.message(c, "out", typ, p)
	c.sent.Add(1)
	return c.conn.Write(context.Background(), typ, p)
}

// streamed counts a message of size bytes that was answered while it came.
func (c *session) streamed(typ websocket.MessageType, size int64) {
	c.heard.Add(1)
	c.sent.Add(1)
	c.server.journal.streamed(c, "in", typ, size)
	c.server.journal.streamed(c, "out", typ, size)
}

// converse listens while talk runs beside it, and ends both: talk when stop is closed or nothing can be said
// any more, listen when the client is gone.
func (c *session) converse(talk func(stop <-chan struct{}), listen func() error) error {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		talk(stop)
	}()
	err := listen()
	close(stop)
	c.end(err) // a talk that waits for a client that does not read ends with the connection
	<-stopped
	return err
}

// end closes after the behaviour has returned err.
func (c *session) end(err error) {
	if ours, ok := errors.AsType[farewell](err); ok {
		c.goodbye(ours)
		return
	}
	// The library has answered already, with the client's Close or its own; then this waits for the rest.
	c.conn.Close(websocket.StatusProtocolError, "")
}

// goodbye says Close and waits for the answer, at most the library's 10 s. Only the first is said, and none when the client
// has had the answer to its own.
func (c *session) goodbye(f farewell) {
	if !c.cork.isClosed() {
		c.ending.CompareAndSwap(nil, &f)
	}
	c.conn.Close(f.code, f.reason)
}

// why is how the session ended, for the log: what we said, or what the behaviour met.
func (c *session) why(err error) error {
	if ours := c.ending.Load(); ours != nil {
		return *ours
	}
	return err
}

// cut drops the connection without a Close.
func (c *session) cut() { c.cork.Conn.Close() }
