package client

import (
	"cmp"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"wsx/client/dial"
	"wsx/client/wire"
)

// The sizes of what a control frame carries (RFC 6455, section 5.5), in bytes.
const (
	maxControl = 125
	maxReason  = maxControl - 2
)

// GoingAway is the close code of an endpoint that goes away (RFC 6455, section 7.4.1).
const GoingAway = 1001

// NoClose stands for the code of a Close frame that never came (RFC 6455, section 7.4.1).
const NoClose = 1006

// dropTimeout bounds how long the server may take to drop the stream after the closing handshake.
const dropTimeout = 250 * time.Millisecond

// handlerTimeout bounds how long our Close waits for the handler and for messages that are being sent. A handler that blocks
// must not prevent the Close from being sent.
const handlerTimeout = 100 * time.Millisecond

// maxCloseTimeout bounds the whole closing handshake when Options.CloseTimeout is not set.
const maxCloseTimeout = 15 * time.Second

// slowHandler is how long the handler may take for the data of one read. A longer time counts as waiting for the handler, not
// for the server.
const slowHandler = 10 * time.Millisecond

// Close sends a Close frame with a code and reason after everything sent before. It may block until the server has read that;
// with Options.Reconnect also until it is confirmed, or until no confirmation has arrived for Options.CloseTimeout. Run then
// continues until the server's own Close, for at most Options.CloseTimeout. If that is 0, Run waits until the server has been
// silent for DefaultCloseTimeout, at most 15 s: the server may have much to answer before it reads our Close. A code or reason
// that must not be sent (RFC 6455, section 7.4) is a *dial.UsageError, and the session continues.
func (s *Session) Close(code int, reason string) error {
	if err := CheckClose(code, reason); err != nil {
		return err
	}
	err := s.Flush()
	if s.retransmit != nil {
		s.retransmit.awaitConfirmed(s.options.closeTimeout())
	}
	s.startClose(code, reason, s.options.closeWait())
	return err
}

// CloseNow sends a Close frame without waiting for earlier messages; Run then waits at most Options.CloseTimeout for the
// server's. It may be called by any goroutine, and is meant for a signal or a time limit that ends the session.
func (s *Session) CloseNow(code int, reason string) {
	s.startClose(code, reason, closeWait{timeout: s.options.closeTimeout()})
}

// Abort sends a Close frame and waits at most 250 ms for the answer: a time limit has expired, or nothing reads what would
// still arrive.
func (s *Session) Abort(code int, reason string) {
	s.startClose(code, reason, closeWait{timeout: dropTimeout})
}

// closeWait says how long Run waits for the server's Close after ours.
type closeWait struct {
	timeout time.Duration // of silence
	total   time.Duration // in total, without the time in which the handler is slow; 0 = the timeout is the total
	begun   int64         // by the activity's clock: when the Close was sent
	blocked int64         // how long the handler had been slow by then, in nanoseconds
}

// closeWait returns how long Close waits.
func (o Options) closeWait() closeWait {
	if o.CloseTimeout > 0 {
		return closeWait{timeout: o.CloseTimeout}
	}
	return closeWait{timeout: DefaultCloseTimeout, total: maxCloseTimeout}
}

// startClose sends a Close frame, unless one was sent, and closes the stream if the server does not answer in time. Without a
// connection it sends nothing.
func (s *Session) startClose(code int, reason string, w closeWait) {
	c, first := s.markClosing(w)
	s.cancel()
	s.retransmit.close()
	if c == nil || !first {
		return
	}
	s.awaitSends()
	post := func() { c.Post(wire.Close, wire.ClosePayload(code, reason)) }
	overdue := time.AfterFunc(handlerTimeout, post) // the second of two posted Close frames is dropped
	s.report(Event{Kind: KindClose, Dir: Out, Code: code, Time: time.Now(), Payload: []byte(reason)})
	overdue.Stop()
	post()
}

// awaitSends waits until messages that were reported as sent are written, so that no message is reported and then refused
// because of our Close. It gives up after handlerTimeout on a message that cannot be written because the server does not read.
func (s *Session) awaitSends() {
	if !s.options.ReportSent || s.handlerFailed.Load() {
		return
	}
	idle := make(chan struct{})
	go func() { // ended by the end of the stream at the latest
		s.sends.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(handlerTimeout):
	}
}

// beginSend reports whether a message can still be sent. If so, endSend must be called when it is written.
func (s *Session) beginSend() bool {
	if !s.options.ReportSent {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.sends.Add(1)
	return true
}

func (s *Session) endSend() {
	if s.options.ReportSent {
		s.sends.Done()
	}
}

// markClosing records that the session closes. It returns the connection, and reports whether this is the first call; nil = not
// connected.
func (s *Session) markClosing(w closeWait) (c *conn, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, s.closing = !s.closing, true
	if s.down {
		return nil, first
	}
	c = s.conn.Load()
	w.begun, w.blocked = s.activity.clock(), s.activity.blocked.Load()
	s.closeWait = w
	if s.closeTimer == nil {
		s.closeTimer = time.AfterFunc(w.timeout, func() { s.closeTimedOut(c) })
	} else {
		s.closeTimer.Reset(w.timeout)
	}
	return c, first
}

// closeTimedOut closes the stream, unless the server still sends, or the session does not read because the handler is slow.
func (s *Session) closeTimedOut(c *conn) {
	if s.closeOverdue() {
		c.Close()
	}
}

// closeOverdue reports whether the closing handshake has taken too long. If not, it resets the timer.
func (s *Session) closeOverdue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, a := &s.closeWait, &s.activity
	if w.total == 0 {
		return true
	}
	now, silence := a.clock(), time.Duration(0)
	if since := a.reading.Load(); since != 0 {
		silence = time.Duration(now - since)
	} else if now-a.read.Load() >= int64(slowHandler) {
		s.closeTimer.Reset(w.timeout)
		return false
	}
	left := min(w.timeout-silence, w.total-time.Duration(now-w.begun-(a.blocked.Load()-w.blocked)))
	if left <= 0 {
		return true
	}
	s.closeTimer.Reset(left)
	return false
}

// awaitDrop flushes our Close and waits until the server drops the stream; the close timer bounds that to dropTimeout.
func (c *conn) awaitDrop() {
	c.Flush()
	if half, ok := c.dialed.Stream.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, c.dialed.Stream)
}

// Summary returns the counts and the close code of the session, exact once Run has returned.
func (s *Session) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := Summary{Code: s.code, Sent: s.writtenCount(), Received: s.activity.messages.Load()}
	sum.Code = cmp.Or(sum.Code, NoClose)
	return sum
}

// writtenCount returns how many messages were written whole. The mutex is held.
func (s *Session) writtenCount() int64 { return int64(s.written + s.conn.Load().Written()) }

// hasUnwritten reports whether messages were sent and not written whole.
func (s *Session) hasUnwritten() bool {
	if s.sending.Load() > 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.Load() > s.writtenCount()
}

func (s *Session) setCode(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}

// closeReceived reports whether a Close frame was received.
func (s *Session) closeReceived() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code != 0
}

// Closing reports whether either side has sent a Close frame.
func (s *Session) Closing() bool { return s.isClosing() || s.closeReceived() }

// isClosing reports whether we have sent a Close frame.
func (s *Session) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// handlerErrOr returns the error of the handler, or err if it has none.
func (s *Session) handlerErrOr(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handlerErr != nil {
		return s.handlerErr
	}
	return err
}

// CheckClose returns a *dial.UsageError if a Close frame must not carry this code and reason. A code is 1000–1003, 1007–1014 or
// 3000–4999 (RFC 6455, section 7.4), a reason at most 123 bytes of UTF-8.
func CheckClose(code int, reason string) error {
	if !wire.ValidCode(code) {
		return &dial.UsageError{Message: fmt.Sprintf("close code %d must be 1000–1003, 1007–1014 or 3000–4999", code)}
	}
	if len(reason) > maxReason {
		return &dial.UsageError{Message: fmt.Sprintf("close reason has %d bytes, at most %d are allowed", len(reason), maxReason)}
	}
	if !utf8.ValidString(reason) {
		return &dial.UsageError{Message: "close reason is not UTF-8"}
	}
	return nil
}

// CheckControl returns a *dial.UsageError if data is longer than the 125 bytes that a Ping or Pong can carry (RFC 6455, section
// 5.5).
func CheckControl(data []byte) error {
	if len(data) > maxControl {
		return &dial.UsageError{Message: fmt.Sprintf("ping or pong data has %d bytes, at most %d are allowed", len(data), maxControl)}
	}
	return nil
}
