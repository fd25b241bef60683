package client

import (
	"errors"
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

// goingAway is the close code of who leaves (RFC 6455, section 7.4.1).
const goingAway = 1001

// noClose stands for the code of a Close frame that never came (RFC 6455, section 7.4.1).
const noClose = 1006

// dropTimeout bounds how long the server may take to drop the stream once both sides have said goodbye.
const dropTimeout = 250 * time.Millisecond

// handlerTimeout bounds how long a goodbye waits until it has been heard here. A listener that is stuck must not keep it
// from the server.
const handlerTimeout = 100 * time.Millisecond

// Close says goodbye with a close code and reason, after all that was said before; it may wait for the server to
// take that, and with Options.Reconnect until it is known to have arrived, or Options.CloseTimeout has passed without
// any of it being known to. Run then goes on until the server's own Close, or until the server has said nothing for
// Options.CloseTimeout: it may have much to answer before it comes to our Close, and who reads us may be slow.
// A code or reason that may not be sent (RFC 6455, section 7.4) is a *UsageError, and the conversation goes on.
func (s *Session) Close(code int, reason string) error {
	if err := CheckClose(code, reason); err != nil {
		return err
	}
	err := s.Flush()
	if s.retransmit != nil {
		s.retransmit.awaitConfirmed(s.options.closeTimeout())
	}
	s.startClose(code, reason, closeWait{timeout: s.options.closeTimeout(), extendable: true})
	return err
}

// CloseNow says goodbye at once, without waiting for anything but Options.CloseTimeout. It is called when a signal or
// a time limit ends the conversation, from any goroutine.
func (s *Session) CloseNow(code int, reason string) {
	s.startClose(code, reason, closeWait{timeout: s.options.closeTimeout()})
}

// Abort says goodbye and waits hardly at all: nobody is there who would see what still comes.
func (s *Session) Abort() { s.startClose(goingAway, "", closeWait{timeout: dropTimeout}) }

// closeWait is how long we stay after our Close.
type closeWait struct {
	timeout    time.Duration // how long the server's Close may take
	extendable bool          // that is begun anew while the server still speaks, and while we are not listening
	extensions int           // how many times it was
}

// maxExtensions bounds how long a server may ignore our Close and go on speaking: to half a minute or so with the usual patience.
const maxExtensions = 15

// errKeepsSending says why we hung up on a server that did not come to an end.
var errKeepsSending = errors.New("the server went on speaking long after our goodbye")

// startClose says Close, if that was not done yet, and hangs up when the server has not answered in time. While there is no
// connection there is nobody to say it to.
func (s *Session) startClose(code int, reason string, f closeWait) {
	l, first := s.markClosing(f)
	s.cancel()
	s.retransmit.end()
	if l == nil || !first {
		return
	}
	post := func() { l.Post(wire.Close, wire.ClosePayload(code, reason)) }
	impatient := time.AfterFunc(handlerTimeout, post) // of two Close frames posted the second is none
	s.report(Event{Kind: KindClose, Dir: Out, Code: code, Time: time.Now(), Payload: []byte(reason)})
	impatient.Stop()
	post()
}

// markClosing notes that we leave. It returns the connection, nil = there is none, and whether it is the first time.
func (s *Session) markClosing(f closeWait) (l *conn, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, s.closing = !s.closing, true
	if s.down {
		return nil, first
	}
	l = s.conn.Load()
	s.closeWait = f
	if s.closeTimer == nil {
		s.closeTimer = time.AfterFunc(f.timeout, func() { s.closeTimedOut(l) })
	} else {
		s.closeTimer.Reset(f.timeout)
	}
	return l, first
}

// closeTimedOut hangs up, unless the server still speaks, or we have not listened because who reads us is slow.
func (s *Session) closeTimedOut(l *conn) {
	over, why := s.overdue()
	switch {
	case !over:
	case why != nil:
		l.cut(why)
	default:
		l.Close()
	}
}

// overdue says whether we have waited long enough after our Close. If not, it winds the timer up again.
func (s *Session) overdue() (over bool, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &s.closeWait
	wait, speaks := f.timeout, false
	if since := s.activity.reading.Load(); since != 0 {
		wait, speaks = wait-time.Duration(s.activity.clock()-since), true
	}
	switch {
	case !f.extendable || wait <= 0:
		return true, nil
	case speaks && f.extensions == maxExtensions:
		return true, errKeepsSending
	case speaks:
		f.extensions++
	}
	s.closeTimer.Reset(wait)
	return false, nil
}

// awaitDrop lets our Close reach the server before the stream is closed, for at most linger.
func (l *conn) awaitDrop() {
	l.Flush()
	if half, ok := l.dialed.Stream.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, l.dialed.Stream)
}

// Summary is the session in numbers, exact once Run has returned.
func (s *Session) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := Summary{Code: s.code, Sent: int64(s.written + s.conn.Load().Written()), Received: s.activity.messages.Load()}
	if sum.Code == 0 {
		sum.Code = noClose
	}
	return sum
}

func (s *Session) setCode(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}

// closeReceived says whether the server has said Close.
func (s *Session) closeReceived() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code != 0
}

func (s *Session) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// handlerErrOr is what the listener failed with, else err.
func (s *Session) handlerErrOr(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handlerErr != nil {
		return s.handlerErr
	}
	return err
}

// CheckClose says whether a Close frame may carry this code and reason: 1000–1003, 1007–1014 or 3000–4999 and at
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

// checkControl says whether a ping or pong can carry data (RFC 6455, section 5.5).
func checkControl(data []byte) error {
	if len(data) > maxControl {
		return &dial.UsageError{Message: fmt.Sprintf("ping or pong data: %d bytes, at most %d fit", len(data), maxControl)}
	}
	return nil
}

func asProtocolError(err error) (*wire.ProtocolError, bool) {
	var wrong *wire.ProtocolError
	return wrong, errors.As(err, &wrong)
}
