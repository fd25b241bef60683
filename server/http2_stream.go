package server

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

var errReset = errors.New("the client reset the stream")

// http2Stream is a request and its response, or a WebSocket: then it is a net.Conn.
type http2Stream struct {
	conn *http2Conn
	id   uint32
	mute atomic.Bool // nothing is sent any more
	deaf atomic.Bool // nothing is read any more

	// guarded by conn.mu
	changed  sync.Cond    // one of those below
	in       bytes.Buffer // received and not read; at most http2Window
	allowed  int          // how much the client may still send, bytes
	taken    int          // read, and not given back to the client's window, bytes
	window   int64        // how much we may still send, bytes
	end      error        // what Read says when in is empty; nil = more may come
	unsent   error        // what Write says; nil = more may be sent
	lateness *time.Timer  // of writing; nil = there is no deadline
}

func newHTTP2Stream(c *http2Conn, id uint32) *http2Stream {
	s := &http2Stream{conn: c, id: id, allowed: http2Window, window: c.initial}
	s.changed.L = &c.mu
	return s
}

// serve answers the request. A protocol says that the stream is asked for (RFC 8441, 4).
func (s *http2Stream) serve(r *http.Request, protocol string) {
	defer s.leave()
	w := &http2Response{stream: s, header: http.Header{}, bodiless: r.Method == http.MethodHead}
	shown := &extended{ResponseWriter: w, take: func() (net.Conn, error) { w.wrote = true; return s, nil }}
	switch {
	case r.Method == http.MethodConnect && protocol == "websocket":
		asUpgrade(r)
		s.conn.server.ServeHTTP(shown, r)
	case r.Method == http.MethodConnect:
		shown.WriteHeader(http.StatusNotImplemented) // RFC 9220, 3
	default:
		s.conn.server.ServeHTTP(shown, r)
	}
	w.WriteHeader(http.StatusOK) // unless a header was written
	s.Close()
}

// leave makes room for another stream.
func (s *http2Stream) leave() {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, s.id)
	c.endIfIdle()
}

// http2Response writes a response.
type http2Response struct {
	stream   *http2Stream
	header   http.Header
	wrote    bool // the header; who takes the stream writes what it wants
	bodiless bool
}

func (w *http2Response) Header() http.Header { return w.header }

func (w *http2Response) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	fields := []hpack.HeaderField{{Name: ":status", Value: strconv.Itoa(status)}}
	for name, values := range w.header {
		for _, value := range values {
			fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: value})
		}
	}
	w.stream.conn.out.postHeaders(w.stream.id, fields, false) // what goes wrong ends the connection
}

func (w *http2Response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.bodiless {
		return len(p), nil
	}
	return w.stream.Write(p)
}

// Read waits until something has come.
func (s *http2Stream) Read(p []byte) (int, error) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	for s.in.Len() == 0 && s.end == nil && !s.deaf.Load() && len(p) > 0 {
		s.changed.Wait()
	}
	if s.deaf.Load() {
		return 0, net.ErrClosed
	}
	if s.in.Len() == 0 && s.end != nil {
		return 0, s.end
	}
	n, _ := s.in.Read(p)
	return n, s.giveBack(n)
}

// giveBack lets the client send as much as was read, when that is worth a frame.
func (s *http2Stream) giveBack(n int) error {
	if s.taken += n; s.taken < http2Window/2 || s.end != nil {
		return nil
	}
	more := s.taken
	s.allowed += more
	s.taken = 0
	return s.conn.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(s.id, uint32(more)) })
}

// Write returns when the connection has taken p. It waits for the client's window.
func (s *http2Stream) Write(p []byte) (int, error) {
	for sent := 0; ; {
		if sent == len(p) {
			return sent, nil
		}
		n, limit, err := s.reserve(min(len(p)-sent, corkSize))
		if err == nil {
			err = s.conn.out.send(s.id, p[sent:sent+n], limit, &s.mute)
		}
		if err != nil {
			return sent, err
		}
		sent += n
	}
}

// reserve waits until some of n bytes may be sent. It returns how many, and how long a frame may be.
func (s *http2Stream) reserve(n int) (may, frame int, err error) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for !s.mute.Load() && s.unsent == nil && min(s.window, c.window) <= 0 {
		s.changed.Wait()
	}
	switch {
	case s.mute.Load():
		return 0, 0, net.ErrClosed
	case s.unsent != nil:
		return 0, 0, s.unsent
	}
	may = min(n, int(min(s.window, c.window)))
	s.window -= int64(may)
	c.window -= int64(may)
	return may, c.frame, nil
}

// Close ends the stream: reads and writes under way end too.
func (s *http2Stream) Close() error {
	if s.deaf.Swap(true) {
		return nil
	}
	s.silence()
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.unsent != nil {
		return nil
	}
	s.unsent = net.ErrClosed
	return c.out.post(func(framer *http2.Framer) error {
		err := framer.WriteData(s.id, true, nil)
		if s.end == nil && err == nil {
			err = framer.WriteRSTStream(s.id, http2.ErrCodeNo) // RFC 9113, 8.1
		}
		return err
	})
}

// Reset breaks the stream off, whatever was or was not said on it.
func (s *http2Stream) Reset() {
	if !s.deaf.Swap(true) {
		s.silence()
		s.conn.reset(s.id, http2.ErrCodeInternal) // what goes wrong ends the connection
	}
}

// silence lets nothing more be written.
func (s *http2Stream) silence() {
	s.mute.Store(true)
	s.conn.mu.Lock()
	s.changed.Broadcast()
	s.conn.mu.Unlock()
	s.conn.out.recheck()
}

// SetWriteDeadline says until when writing may take. When that has passed, nothing can be written any more.
func (s *http2Stream) SetWriteDeadline(t time.Time) error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.lateness != nil {
		s.lateness.Stop()
	}
	s.lateness = nil
	if !t.IsZero() {
		s.lateness = time.AfterFunc(time.Until(t), s.silence)
	}
	return nil
}

// SetReadDeadline cannot be done, and nobody wants it.
func (s *http2Stream) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// SetDeadline cannot be done, and nobody wants it.
func (s *http2Stream) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// LocalAddr is the connection's.
func (s *http2Stream) LocalAddr() net.Addr { return s.conn.conn.LocalAddr() }

// RemoteAddr is the connection's.
func (s *http2Stream) RemoteAddr() net.Addr { return s.conn.conn.RemoteAddr() }

// What follows is called by the connection, with its mu locked.

// finish says how the stream ended, what was not read yet left aside.
func (s *http2Stream) finish(end, unsent error) {
	if s.end == nil {
		s.end = end
	}
	if s.unsent == nil {
		s.unsent = unsent
	}
	s.changed.Broadcast()
}

// receive takes data that was size bytes long with its padding.
func (s *http2Stream) receive(data []byte, size int, last bool) error {
	if s.end == io.EOF {
		return http2.ConnectionError(http2.ErrCodeStreamClosed)
	}
	if s.allowed -= size; s.allowed < 0 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	s.in.Write(data)
	s.changed.Broadcast()
	if last {
		s.finish(io.EOF, nil)
		return nil
	}
	return s.giveBack(size - len(data))
}

// widen lets us send more, or less.
func (s *http2Stream) widen(more int64) error {
	if s.window += more; s.window > math.MaxInt32 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	s.changed.Broadcast()
	return nil
}
