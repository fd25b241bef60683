package client

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"wsx/client/dial"
	"wsx/client/wire"
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

// Close sends a Close frame with a code and reason after everything sent before. It may block until the server has read that;
// with Options.Reconnect also until it is confirmed, or until no confirmation has arrived for Options.CloseTimeout. Run then
// continues until the server's own Close, for at most Options.CloseTimeout. If that is 0, Run waits until the server has been
// silent for DefaultCloseTimeout, at most 15 s: the server may have much to answer before it reads our Close. A code or reason
// that must not be sent (RFC 6455, section 7.4) is a *dial.UsageError, and the session continues.
func (s *Session) Close(code int, reason string) error {
	if err := CheckClose(code, reason); err != nil {
		return err
	}
	err := s.flushConfirmed()
	s.startClose(code, reason, s.options.closeWait())
	return err
}

// ExpectEnd is called before a message that makes the server end the session, as MQTT's DISCONNECT does. It blocks as Close does
// for everything sent before. After it, the session ends with the server's Close or with the stream as it does after our Close.
func (s *Session) ExpectEnd() {
	s.flushConfirmed()
	s.closing.expect(s.sent.Load())
}

// flushConfirmed writes everything sent so far, and with Options.Reconnect waits until it is confirmed, or until no confirmation
// has arrived for Options.CloseTimeout. It does so once before the end of a session.
func (s *sender) flushConfirmed() error {
	err := s.Flush()
	if s.retransmit != nil && !s.closing.ends() {
		s.retransmit.awaitConfirmed(s.options.closeTimeout())
	}
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

// closing is the state of the closing handshake.
type closing struct {
	sends sync.WaitGroup // with Options.ReportSent: messages that are being sent; nothing is added once a Close is sent

	mu    sync.Mutex // guards the fields below
	down  bool       // there is no connection
	ended bool       // the session has ended
	sent  bool       // a Close frame was sent, or would have been
	code  int        // of the server's Close; 0 = none was received
	timer *time.Timer
	wait  closeWait // how long it waits

	expected bool  // ExpectEnd was called
	required int64 // messages sent before that
}

// closeWait is how long Run waits for the server's Close after ours.
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
func (s *state) startClose(code int, reason string, w closeWait) {
	c, first := s.markClosing(w)
	s.cancel()
	if c == nil || !first {
		return
	}
	s.awaitSends()
	send := func() { c.QueueControl(wire.Close, wire.ClosePayload(code, reason)) }
	overdue := time.AfterFunc(handlerTimeout, send) // the second of two queued Close frames is dropped
	s.reporter.report(Event{Kind: KindClose, Dir: Out, Code: code, Time: time.Now(), Payload: []byte(reason)})
	overdue.Stop()
	send()
}

// awaitSends waits until messages that were reported as sent are written, so that no message is reported and then refused
// because of our Close. It gives up after handlerTimeout on a message that cannot be written because the server does not read.
func (s *state) awaitSends() {
	if !s.options.ReportSent || s.reporter.err.Load() != nil {
		return
	}
	idle := make(chan struct{})
	go func() { // ended by the end of the stream at the latest
		s.closing.sends.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(handlerTimeout):
	}
}

// beginSend reports whether a message can still be sent. If so, it is added to the messages that are being sent.
func (c *closing) beginSend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent {
		return false
	}
	c.sends.Add(1)
	return true
}

// markClosing records that the session closes. It returns the connection, and reports whether this is the first call; nil = not
// connected. A further call can only shorten the wait.
func (s *state) markClosing(w closeWait) (conn *conn, first bool) {
	c := &s.closing
	c.mu.Lock()
	defer c.mu.Unlock()
	first, c.sent = !c.sent, true
	if c.down || c.ended {
		return nil, first
	}
	conn = s.conn.Load()
	w.begun, w.blocked = s.activity.clock(), s.activity.blocked.Load()
	if c.timer == nil {
		c.wait = w
		c.timer = time.AfterFunc(w.timeout, func() { s.closeTimedOut(conn) })
	} else if w.endsBefore(c.wait) {
		c.wait = w
		c.timer.Reset(w.timeout)
	}
	return conn, first
}

// endsBefore reports whether a wait ends before another one that has begun: one that ends at a fixed time ends before one that lasts
// while the server sends.
func (w closeWait) endsBefore(other closeWait) bool {
	switch {
	case w.total > 0:
		return false
	case other.total > 0:
		return true
	}
	return w.begun+int64(w.timeout) < other.begun+int64(other.timeout)
}

// closeTimedOut closes the stream, unless the server still sends, or the session does not read because the handler is slow.
func (s *state) closeTimedOut(c *conn) {
	if s.closing.overdue(&s.activity) {
		c.Close()
	}
}

// overdue reports whether the closing handshake has taken too long. If not, it resets the timer.
func (c *closing) overdue(a *activity) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &c.wait
	if c.ended || w.total == 0 {
		return true
	}
	now, silence := a.clock(), time.Duration(0)
	if since := a.reading.Load(); since != 0 {
		silence = time.Duration(now - since)
	} else if now-a.read.Load() >= int64(slowHandler) {
		c.timer.Reset(w.timeout)
		return false
	}
	left := min(w.timeout-silence, w.total-time.Duration(now-w.begun-(a.blocked.Load()-w.blocked)))
	if left <= 0 {
		return true
	}
	c.timer.Reset(left)
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
	return Summary{Code: cmp.Or(s.closing.receivedCode(), NoClose), Sent: s.conn.Load().writtenSoFar(), Received: s.activity.messages.Load()}
}

// begun reports whether we have sent a Close frame.
func (c *closing) begun() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// expect records that the server will end the session, in which n messages have been sent so far.
func (c *closing) expect(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.expected {
		c.expected, c.required = true, n
	}
}

// requires returns how many messages were sent before ExpectEnd, if that was called.
func (c *closing) requires() (n int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.required, c.expected
}

// ends reports whether this side ends the session: we have sent a Close frame, or a message that makes the server end it.
func (c *closing) ends() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent || c.expected
}

// received reports whether a Close frame was received.
func (c *closing) received() bool { return c.receivedCode() != 0 }

// receivedCode returns the code of the server's Close; 0 = none was received.
func (c *closing) receivedCode() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

func (c *closing) setCode(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.code = code
}

// end records that the session has ended, and ends the timer, if there is one.
func (c *closing) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.timer != nil {
		c.timer.Stop()
	}
}

// CheckClose returns a *dial.UsageError if a Close frame must not carry this code and reason. A code is 1000–1003, 1007–1014 or
// 3000–4999 (RFC 6455, section 7.4), a reason at most 123 bytes of UTF-8.
func CheckClose(code int, reason string) error {
	if !wire.ValidCode(code) {
		return &dial.UsageError{Message: fmt.Sprintf("close code %d must be 1000–1003, 1007–1014 or 3000–4999", code)}
	}
	if len(reason) > wire.MaxReason {
		return &dial.UsageError{Message: fmt.Sprintf("close reason has %d bytes, at most %d are allowed", len(reason), wire.MaxReason)}
	}
	if !utf8.ValidString(reason) {
		return &dial.UsageError{Message: "close reason is not UTF-8"}
	}
	return nil
}

// CheckControl returns a *dial.UsageError if data is longer than the 125 bytes that a Ping or Pong can carry (RFC 6455, section
// 5.5).
func CheckControl(data []byte) error {
	if len(data) > wire.MaxControl {
		return &dial.UsageError{Message: fmt.Sprintf("ping or pong data has %d bytes, at most %d are allowed", len(data), wire.MaxControl)}
	}
	return nil
}
