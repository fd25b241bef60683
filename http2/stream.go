package http2

import (
	"io"
	"math"
	"net"
	"os"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

func newStream(c *Conn, id uint32) *Stream {
	s := &Stream{conn: c, id: id, allowed: c.recv, window: c.settings.window}
	s.changed.L = &c.mu
	return s
}

// OwnConn closes the connection together with the stream. Call it before the stream is used.
func (s *Stream) OwnConn() { s.owner = true }

// Read waits until data was received.
func (s *Stream) Read(p []byte) (int, error) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	for s.in.length == 0 && s.readErr == nil && !s.closed.Load() && len(p) > 0 {
		s.changed.Wait()
	}
	if s.closed.Load() {
		return 0, net.ErrClosed
	}
	if s.in.length == 0 && s.readErr != nil {
		return 0, s.readErr
	}
	n := s.in.read(p)
	return n, s.updateWindow(n)
}

// updateWindow sends a WINDOW_UPDATE for the bytes read, once they are enough for a frame.
func (s *Stream) updateWindow(n int) error {
	if s.consumed += n; s.consumed < s.conn.recv/2 || s.readErr != nil {
		return nil
	}
	increment := s.consumed
	s.allowed += increment
	s.consumed = 0
	return s.conn.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(s.id, uint32(increment)) })
}

// Write waits for the peer's window, and returns when all of p was written to the connection. After an error, the number of bytes
// includes those that may have been sent.
func (s *Stream) Write(p []byte) (int, error) {
	for sent := 0; ; {
		if sent == len(p) {
			return sent, nil
		}
		n, limit, err := s.reserve(min(len(p)-sent, streamBlock))
		if err == nil {
			err = s.conn.out.send(s.id, p[sent:sent+n], limit, &s.closed)
		}
		if err != nil {
			return sent + n, err
		}
		sent += n
	}
}

// reserve waits until some of n bytes may be sent. It returns their number, and the maximum payload of a frame.
func (s *Stream) reserve(n int) (reserved, frame int, err error) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for !s.closed.Load() && s.writeErr == nil && min(s.window, c.window) <= 0 {
		s.changed.Wait()
	}
	switch {
	case s.closed.Load():
		return 0, 0, net.ErrClosed
	case s.writeErr != nil:
		return 0, 0, s.writeErr
	}
	reserved = min(n, int(min(s.window, c.window)))
	s.window -= int64(reserved)
	c.window -= int64(reserved)
	return reserved, c.settings.frame, nil
}

// CloseWrite ends the sending side: it stands for the FIN of TCP (RFC 8441, section 5).
func (s *Stream) CloseWrite() error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.writeErr != nil {
		return s.writeErr
	}
	s.writeErr = net.ErrClosed
	return s.endStream()
}

func (s *Stream) endStream() error {
	s.ended = true
	return s.conn.out.post(func(framer *http2.Framer) error { return framer.WriteData(s.id, true, nil) })
}

// Close ends the stream; a Read or Write in progress returns. A server's written data is sent whole. A client resets a stream that the
// server has not ended, which stands for the reset of a TCP connection.
func (s *Stream) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.sendEnd()
	s.conn.out.recheck()
	if s.owner {
		return s.conn.Close()
	}
	return nil
}

func (s *Stream) sendEnd() {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.server {
		delete(c.streams, s.id)
	}
	s.changed.Broadcast()
	byPeer := s.readErr == io.EOF
	if c.err != nil || s.readErr != nil && !byPeer {
		return // the stream was removed
	}
	if !s.ended && (c.server || byPeer) {
		s.endStream()
	}
	if byPeer {
		return
	}
	code := http2.ErrCodeCancel
	if c.server {
		code = http2.ErrCodeNo // RFC 9113, section 8.1
	}
	c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(s.id, code) })
}

// Reset resets the stream with INTERNAL_ERROR; written data may be lost.
func (s *Stream) Reset() {
	if s.closed.Swap(true) {
		return
	}
	s.conn.mu.Lock()
	s.conn.reset(s, http2.ErrCodeInternal, net.ErrClosed) // an error ends the connection
	s.conn.mu.Unlock()
	s.conn.out.recheck()
}

// LocalAddr returns the local address of the connection.
func (s *Stream) LocalAddr() net.Addr { return s.conn.conn.LocalAddr() }

// RemoteAddr returns the peer's address.
func (s *Stream) RemoteAddr() net.Addr { return s.conn.conn.RemoteAddr() }

// SetDeadline is not supported.
func (s *Stream) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// SetReadDeadline is not supported.
func (s *Stream) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// SetWriteDeadline is not supported.
func (s *Stream) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

// The functions below are called with mu locked.

// end ends both directions, unless they have ended before. Received data can still be read.
func (s *Stream) end(readErr, writeErr error) {
	if s.readErr == nil {
		s.readErr = readErr
	}
	if s.writeErr == nil {
		s.writeErr = writeErr
	}
	if s.fields == nil && s.answered != nil {
		s.answer(nil)
	}
	s.changed.Broadcast()
}

// answer ends the wait for a response; nil fields = no response will be received.
func (s *Stream) answer(fields []hpack.HeaderField) {
	select {
	case <-s.answered:
	default:
		s.fields = fields
		close(s.answered)
	}
}

// receive accepts the data of a frame whose payload, including padding, has size bytes.
func (s *Stream) receive(data []byte, size int, last bool) error {
	switch {
	case s.answered != nil && s.fields == nil && s.readErr == nil:
		return http2.ConnectionError(http2.ErrCodeProtocol) // before the response
	case s.readErr == io.EOF:
		return http2.ConnectionError(http2.ErrCodeStreamClosed)
	case s.readErr != nil || s.closed.Load():
		return nil
	}
	if s.allowed -= size; s.allowed < 0 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	s.in.write(data)
	s.changed.Broadcast()
	if last {
		s.end(io.EOF, nil)
		return nil
	}
	return s.updateWindow(size - len(data))
}

// widen changes the window for sending. It reports whether the window is within its limit (RFC 9113, section 6.9.1).
func (s *Stream) widen(delta int64) bool {
	s.window += delta
	s.changed.Broadcast()
	return s.window <= math.MaxInt32
}
