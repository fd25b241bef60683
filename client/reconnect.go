package client

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"wsx/client/dial"
)

const (
	firstDelay  = 500 * time.Millisecond // delay before the first attempt to reconnect; it doubles with each further one
	stableAfter = time.Minute            // how long a connection must last for the delays to begin again
)

// retries are the attempts to connect since a connection was last healthy.
type retries struct {
	longest  time.Duration  // the longest delay
	jitter   func() float64 // at least 0, less than 1
	attempts int
}

// next returns the next attempt. Its delay is shortened at random by up to a quarter, so that clients that lost a server at the
// same time do not reconnect at the same time. It is at least the server's Retry-After (RFC 9110, section 10.2.3).
func (r *retries) next(cause error) *Attempt {
	delay := min(firstDelay<<min(r.attempts, 20), r.longest)
	delay -= time.Duration(r.jitter() * float64(delay) / 4)
	r.attempts++
	return &Attempt{After: max(delay.Round(time.Millisecond), retryAfter(cause)), Attempt: r.attempts, Err: cause}
}

// retryAfter returns the Retry-After of a server that refused the handshake; 0 = it sent none.
func retryAfter(err error) time.Duration {
	if failed, ok := errors.AsType[*dial.Error](err); ok && failed.Refusal != nil {
		return failed.Refusal.RetryAfter
	}
	return 0
}

// isPermanent reports whether another attempt would fail in the same way, because of its credentials or its request.
func isPermanent(err error) bool {
	failed, ok := errors.AsType[*dial.Error](err)
	if !ok {
		return true
	}
	if failed.Refusal == nil {
		return false
	}
	switch failed.Refusal.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired:
		return true
	}
	return false
}

// reopen replaces a lost connection, and reports whether it did. If not, it returns the error of the last attempt, or nil if
// the session was closed.
func (r *receiver) reopen(old *conn, cause error) (bool, error) {
	if time.Since(old.opened) >= stableAfter {
		r.retries.attempts = 0
	}
	for r.ctx.Err() == nil {
		try := r.retries.next(cause)
		r.reporter.report(Event{Kind: KindRetry, Time: time.Now(), Detail: try})
		if !r.awaitDelay(try.After) {
			break
		}
		dialed, err := r.dial(r.ctx)
		if err == nil {
			return r.resume(old, dialed), nil
		}
		if r.ctx.Err() == nil && isPermanent(err) {
			return false, err
		}
		cause = err
	}
	return false, nil
}

// awaitDelay waits, unless RetryNow ends the wait. It reports whether the session is still open.
func (s *state) awaitDelay(d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-s.retryNow:
	case <-s.ctx.Done():
	}
	return s.ctx.Err() == nil
}

// RetryNow ends the delay before the next attempt to connect. Without a pending attempt it does nothing.
func (s *Session) RetryNow() {
	select {
	case s.retryNow <- struct{}{}:
	default:
	}
}

// resume continues the session on a new connection, and reports whether it did: not if the session was closed. The initial
// messages and the queue are sent by another goroutine than the receiver's: a server that does not read until its own messages
// are read would otherwise block both sides.
func (r *receiver) resume(old *conn, dialed *dial.Conn) bool {
	c := r.newConn(dialed)
	if !r.useConn(old, c) {
		c.closeAndWait()
		return false
	}
	r.reporter.report(Event{Kind: KindOpen, Time: time.Now(), Detail: dialed.Handshake})
	c.goroutines.Go(func() { r.sender.retransmit.replay(c) })
	return true
}

// reportUnconfirmed reports and counts messages that may not have arrived.
func (r *receiver) reportUnconfirmed(all unconfirmed) {
	for _, u := range all {
		r.unconfirmed += u.Count
		r.reporter.report(Event{Kind: KindUnconfirmed, Time: time.Now(), Detail: &u})
	}
}

func (o Options) reconnectMax() time.Duration {
	return cmp.Or(o.ReconnectMax, DefaultReconnectMax)
}
