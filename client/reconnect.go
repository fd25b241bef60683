package client

import (
	"errors"
	"net/http"
	"time"
	"wsx/client/dial"
)

const (
	firstPause = 500 * time.Millisecond // delay before the first attempt to reconnect; it doubles with each further one
	healthy    = time.Minute            // how long a connection must last for the delays to begin again
)

// retries are the attempts to connect since a connection was last healthy.
type retries struct {
	longest time.Duration  // the longest delay
	jitter  func() float64 // at least 0, less than 1
	made    int
}

// next returns the next attempt. Its delay is shortened by up to a quarter, so that clients that lost a server together do not
// reconnect together. A server's Retry-After (RFC 9110, section 10.2.3) is respected.
func (r *retries) next(cause error) *Attempt {
	pause := min(firstPause<<min(r.made, 20), r.longest)
	pause -= time.Duration(r.jitter() * float64(pause) / 4)
	r.made++
	return &Attempt{After: max(pause.Round(time.Millisecond), retryWanted(cause)), Attempt: r.made, Err: cause}
}

// retryWanted returns the Retry-After of a server that refused the handshake; 0 = it sent none.
func retryWanted(err error) time.Duration {
	if failed, ok := errors.AsType[*dial.Error](err); ok && failed.Refusal != nil {
		return failed.Refusal.RetryAfter
	}
	return 0
}

// hopeless reports whether a further attempt would fail as this one did, by its credentials, its request or its form.
func hopeless(err error) bool {
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

// reopen replaces a lost connection. It reports whether it did, and if not, the error of the last attempt, or nil if the session
// was closed.
func (s *Session) reopen(old *conn, cause error) (bool, error) {
	s.loseConn()
	if time.Since(old.opened) >= healthy {
		s.retries.made = 0
	}
	for s.ctx.Err() == nil {
		try := s.retries.next(cause)
		s.report(Event{Kind: KindRetry, Time: time.Now(), Detail: try})
		if !s.pause(try.After) {
			break
		}
		up, err := s.dial(s.ctx)
		if err == nil {
			return s.follow(old, up), nil
		}
		if s.ctx.Err() == nil && hopeless(err) {
			return false, err
		}
		cause = err
	}
	return false, nil
}

// loseConn notes that there is no connection. The Pongs of the last one will not arrive.
func (s *Session) loseConn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.pings = true, nil
}

// pause waits, unless RetryNow ends the wait. It returns false if the session closes.
func (s *Session) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
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

// follow goes on with a new connection, unless the session was closed. The initial messages and the queue are sent while
// receiving, or a server that does not read before its own messages are read would block both.
func (s *Session) follow(old *conn, up *dial.Conn) bool {
	l := s.newConn(up)
	if !s.useConn(old, l) {
		l.closeAndWait()
		return false
	}
	s.report(Event{Kind: KindOpen, Time: time.Now(), Detail: up.Handshake})
	l.busy.Go(func() { s.retransmit.replay(l) })
	return true
}

// useConn sets the connection of the session. It reports whether the session goes on.
func (s *Session) useConn(old, l *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.written += old.Written()
	s.conn.Store(l)
	s.down = false
	s.opened++
	return true
}

// reportUnconfirmed reports and counts messages that may not have arrived.
func (s *Session) reportUnconfirmed(all unconfirmed) {
	for _, d := range all {
		s.unconfirmed += d.Count
		s.report(Event{Kind: KindUnconfirmed, Time: time.Now(), Detail: &d})
	}
}

func (o Options) reconnectMax() time.Duration {
	if o.ReconnectMax == 0 {
		return DefaultReconnectMax
	}
	return o.ReconnectMax
}
