package client

import (
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

// handlerTimeout bounds how long our Close waits for the handler and for messages that are being sent. A handler that
// blocks must not keep the Close from the server.
const handlerTimeout = 100 * time.Millisecond

// maxCloseTimeout bounds the closing handshake altogether, when Options.CloseTimeout is not given.
const maxCloseTimeout = 15 * time.Second

// slowHandler is how long the handler may take for what one read returned before that counts as waiting for the reader of our
// output, and not for the server.
const slowHandler = 10 * time.Millisecond

// Close sends a Close frame with a code and reason after all that was sent before; it may wait for the server to read
// that, and with Options.Reconnect until it is confirmed, or no confirmation has come for Options.CloseTimeout. Run then
// goes on until the server's own Close, or for Options.CloseTimeout. Without that option it waits until the server has
// been silent for DefaultCloseTimeout, at most 15 s: the server may have much to answer before it reads our Close.
// A code or reason that must not be sent (RFC 6455, section 7.4) is a *UsageError, and the session goes on.
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

// CloseNow sends a Close frame at once, and Run waits only Options.CloseTimeout for the server's. It is called when a
// signal or a time limit ends the session, from any goroutine.
func (s *Session) CloseNow(code int, reason string) {
	s.startClose(code, reason, closeWait{timeout: s.options.closeTimeout()})
}

// Abort sends a Close frame and hardly waits for an answer: time is up, or nothing reads what would still arrive.
func (s *Session) Abort(code int, reason string) {
	s.startClose(code, reason, closeWait{timeout: dropTimeout})
}

// closeWait says how long Run waits for the server's Close after ours.
type closeWait struct {
	timeout time.Duration // of silence
	total   time.Duration // altogether, without the time in which the reader of our output is slow; 0 = the timeout is
	begun   int64         // by the activity's clock: when the Close was sent
	blocked int64         // for how long the reader of our output had been slow by then, in nanoseconds
}

// closeWait returns how long Close waits.
func (o Options) closeWait() closeWait {
	if o.CloseTimeout > 0 {
		return closeWait{timeout: o.CloseTimeout}
	}
	return closeWait{timeout: DefaultCloseTimeout, total: maxCloseTimeout}
}

// startClose sends a Close frame, if that was not done yet, and closes the stream when the server has not answered in
// time. While there is no connection there is nothing to send it on.
func (s *Session) startClose(code int, reason string, f closeWait) {
	l, first := s.markClosing(f)
	s.cancel()
	s.retransmit.end()
	if l == nil || !first {
		return
	}
	s.awaitSends()
	post := func() { l.Post(wire.Close, wire.ClosePayload(code, reason)) }
	overdue := time.AfterFunc(handlerTimeout, post) // the second of two posted Close frames is dropped
	s.report(Event{Kind: KindClose, Dir: Out, Code: code, Time: time.Now(), Payload: []byte(reason)})
	overdue.Stop()
	post()
}

// awaitSends waits until messages that were reported as sent are written, so that none is reported and then refused
// because of our Close. One that cannot be written, because the server does not read, is not waited for.
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

// markClosing notes that we close. It returns the connection, nil without one, and whether this is the first time.
func (s *Session) markClosing(f closeWait) (l *conn, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, s.closing = !s.closing, true
	if s.down {
		return nil, first
	}
	l = s.conn.Load()
	f.begun, f.blocked = s.activity.clock(), s.activity.blocked.Load()
	s.closeWait = f
	if s.closeTimer == nil {
		s.closeTimer = time.AfterFunc(f.timeout, func() { s.closeTimedOut(l) })
	} else {
		s.closeTimer.Reset(f.timeout)
	}
	return l, first
}

// closeTimedOut closes the stream, unless the server still sends, or we do not read because the reader of our output is slow.
func (s *Session) closeTimedOut(l *conn) {
	if s.closeOverdue() {
		l.Close()
	}
}

// closeOverdue reports whether the closing handshake has taken too long. If not, it resets the timer.
func (s *Session) closeOverdue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, a := &s.closeWait, &s.activity
	if f.total == 0 {
		return true
	}
	now, silence := a.clock(), time.Duration(0)
	if since := a.reading.Load(); since != 0 {
		silence = time.Duration(now - since)
	} else if now-a.read.Load() >= int64(slowHandler) {
		s.closeTimer.Reset(f.timeout)
		return false
	}
	left := min(f.timeout-silence, f.total-time.Duration(now-f.begun-(a.blocked.Load()-f.blocked)))
	if left <= 0 {
		return true
	}
	s.closeTimer.Reset(left)
	return false
}

// awaitDrop lets our Close reach the server before the stream is closed, for at most dropTimeout.
func (l *conn) awaitDrop() {
	l.Flush()
	if half, ok := l.dialed.Stream.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, l.dialed.Stream)
}

// Summary returns the session in numbers, exact once Run has returned.
func (s *Session) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := Summary{Code: s.code, Sent: s.writtenCount(), Received: s.activity.messages.Load()}
	if sum.Code == 0 {
		sum.Code = NoClose
	}
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

// CheckClose checks whether a Close frame may carry this code and reason: 1000–1003, 1007–1014 or 3000–4999 and at
// most 123 bytes of UTF-8. It returns a *UsageError.
func CheckClose(code int, reason string) error {
	if !wire.ValidCode(code) {
		return &dial.UsageError{Message: fmt.Sprintf("close code %d: may be 1000–1003, 1007–1014 or 3000–4999", code)}
	}
	if len(reason) > maxReason {
		return &dial.UsageError{Message: fmt.Sprintf("close reason: %d bytes, at most %d fit", len(reason), maxReason)}
	}
	if !utf8.ValidString(reason) {
		return &dial.UsageError{Message: "close reason: not UTF-8"}
	}
	return nil
}

// CheckControl checks whether a Ping or Pong can carry data (RFC 6455, section 5.5).
func CheckControl(data []byte) error {
	if len(data) > maxControl {
		return &dial.UsageError{Message: fmt.Sprintf("ping or pong data: %d bytes, at most %d fit", len(data), maxControl)}
	}
	return nil
}
