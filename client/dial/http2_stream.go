package dial

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Stream is one WebSocket on a connection of HTTP/2. One goroutine may read and one write; any may close.
type http2Stream struct {
	conn     *http2Conn
	id       uint32
	answered chan struct{} // closed when the response has come, or never will
	closed   atomic.Bool   // by us
	alone    bool          // the connection is for this stream: it is closed with it

	// guarded by conn.mu
	changed  sync.Cond // one of those below
	fields   []hpack.HeaderField
	in       ring  // received and not read; at most http2Window
	allowed  int   // how much the server may still send, bytes
	taken    int   // read, and not given back to the server's window, bytes
	window   int64 // how much we may still send, bytes
	end      error // what Read says when in is empty; nil = more may come
	unsent   error // what Write says; nil = more may be sent
	finished bool  // we have sent the end of the stream
}

func newHTTP2Stream(c *http2Conn, id uint32) *http2Stream {
	s := &http2Stream{conn: c, id: id, answered: make(chan struct{}), allowed: http2Window, window: c.peer.window}
	s.changed.L = &c.mu
	return s
}

// response waits for what the server answers, and returns it with its fields.
func (s *http2Stream) response(ctx context.Context) (*http.Response, []string, error) {
	select {
	case <-s.answered:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.fields == nil {
		return nil, nil, s.end
	}
	response := &http.Response{Proto: "HTTP/2.0", ProtoMajor: 2, Header: http.Header{}, Body: s}
	for _, field := range s.fields {
		if field.Name == ":status" {
			response.StatusCode, _ = strconv.Atoi(field.Value) // respond has checked it
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(field.Name)
		response.Header[name] = append(response.Header[name], field.Value)
	}
	return response, fieldLines(s.fields), nil
}

// Read waits until something has come.
func (s *http2Stream) Read(p []byte) (int, error) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	for s.in.held == 0 && s.end == nil && !s.closed.Load() && len(p) > 0 {
		s.changed.Wait()
	}
	if s.closed.Load() {
		return 0, net.ErrClosed
	}
	if s.in.held == 0 && s.end != nil {
		return 0, s.end
	}
	n := s.in.read(p)
	return n, s.giveBack(n)
}

// giveBack lets the server send as much as was read, when that is worth a frame.
func (s *http2Stream) giveBack(n int) error {
	if s.taken += n; s.taken < http2Window/2 || s.end != nil {
		return nil
	}
	more := s.taken
	s.allowed += more
	s.taken = 0
	return s.conn.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(s.id, uint32(more)) })
}

// Write returns when the connection has taken p. It waits for the server's window.
func (s *http2Stream) Write(p []byte) (int, error) {
	for sent := 0; ; {
		if sent == len(p) {
			return sent, nil
		}
		n, limit, err := s.reserve(min(len(p)-sent, http2Block))
		if err == nil {
			err = s.conn.out.send(s.id, p[sent:sent+n], limit, &s.closed)
		}
		if err != nil {
			return sent + n, err // some of them may have gone out: whoever counts must not say them again
		}
		sent += n
	}
}

// reserve waits until some of n bytes may be sent. It returns how many, and how long a frame may be.
func (s *http2Stream) reserve(n int) (may, frame int, err error) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for !s.closed.Load() && s.unsent == nil && min(s.window, c.window) <= 0 {
		s.changed.Wait()
	}
	switch {
	case s.closed.Load():
		return 0, 0, net.ErrClosed
	case s.unsent != nil:
		return 0, 0, s.unsent
	}
	may = min(n, int(min(s.window, c.window)))
	s.window -= int64(may)
	c.window -= int64(may)
	return may, c.peer.frame, nil
}

// CloseWrite ends what we send: it stands for the end of a TCP stream (RFC 8441, 5).
func (s *http2Stream) CloseWrite() error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.unsent != nil {
		return s.unsent
	}
	s.unsent, s.finished = net.ErrClosed, true
	return s.conn.out.post(func(framer *http2.Framer) error { return framer.WriteData(s.id, true, nil) })
}

// Close leaves the stream: a Read or Write under way ends. Unless both sides had ended it, it is reset, which stands for the
// reset of a TCP connection.
func (s *http2Stream) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.leave()
	s.conn.out.recheck()
	if s.alone {
		return s.conn.Close()
	}
	return nil
}

func (s *http2Stream) leave() {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, s.id)
	s.changed.Broadcast()
	switch {
	case c.err != nil, s.end == io.EOF && s.finished:
	case s.end == io.EOF:
		c.out.post(func(framer *http2.Framer) error { return framer.WriteData(s.id, true, nil) })
	case s.end == nil:
		c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(s.id, http2.ErrCodeCancel) })
	}
}

// What follows is called by the connection, with its mu locked.

// finish says how the stream ended, what was not read yet left aside.
func (s *http2Stream) finish(end, unsent error) {
	if s.end == nil {
		s.end = end
	}
	if s.unsent == nil {
		s.unsent = unsent
	}
	if s.fields == nil {
		s.settle(nil)
	}
	s.changed.Broadcast()
}

// settle ends the waiting for a response.
func (s *http2Stream) settle(fields []hpack.HeaderField) {
	select {
	case <-s.answered:
	default:
		s.fields = fields
		close(s.answered)
	}
}

// respond takes the response, or the trailers, which end the stream.
func (s *http2Stream) respond(f *http2.MetaHeadersFrame) error {
	status, err := strconv.Atoi(f.PseudoValue("status"))
	switch {
	case s.end != nil, s.fields != nil && !f.StreamEnded():
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case s.fields != nil:
		s.finish(io.EOF, nil)
		return nil
	case f.Truncated:
		s.finish(errHeaderTooLong, errHeaderTooLong)
		return nil
	case err != nil || status < 100:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case status/100 == 1 && !f.StreamEnded():
		return nil // an interim response (RFC 9110, 15.2)
	}
	s.settle(f.Fields)
	if f.StreamEnded() {
		s.finish(io.EOF, nil)
	}
	return nil
}

// receive takes data that was size bytes long with its padding.
func (s *http2Stream) receive(data []byte, size int, last bool) error {
	if s.fields == nil || s.end != nil {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s.allowed -= size; s.allowed < 0 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	s.in.write(data)
	s.changed.Broadcast()
	if last {
		s.finish(io.EOF, nil)
		return nil
	}
	return s.giveBack(size - len(data))
}

// widen lets us send more, or less.
func (s *http2Stream) widen(more int64) {
	if s.window += more; s.window > math.MaxInt32 {
		err := &broken{"the server does not keep to HTTP/2: " + http2.ErrCodeFlowControl.String(), nil}
		s.finish(err, err)
	}
	s.changed.Broadcast()
}
