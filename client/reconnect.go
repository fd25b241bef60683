package client

import (
	"errors"
	"net/http"
	"time"
	"wsx/client/dial"
)

const (
	firstPause = 500 * time.Millisecond // before the first try to connect again; it doubles with each further one
	healthy    = time.Minute            // is how long a connection must last for the delays to begin again
)

// retries are the tries to connect since the session was last healthy.
type retries struct {
	longest time.Duration  // the longest pause
	jitter  func() float64 // at least 0, less than 1
	made    int
}

// next is the next attempt. Its delay is shortened by up to a quarter, so that clients that lost a server together do not
// return together. A server that names a time (RFC 9110, section 10.2.3) is not asked earlier.
func (r *retries) next(cause error) *Attempt {
	pause := min(firstPause<<min(r.made, 20), r.longest)
	pause -= time.Duration(r.jitter() * float64(pause) / 4)
	r.made++
	return &Attempt{After: max(pause.Round(time.Millisecond), retryWanted(cause)), Attempt: r.made, Err: cause}
}

// retryWanted is how long a server that refused us wants us to wait; 0 = it named no time.
func retryWanted(err error) time.Duration {
	var failed *dial.Error
	if errors.As(err, &failed) && failed.Refusal != nil {
		return failed.Refusal.RetryAfter
	}
	return 0
}

// hopeless reports whether a further attempt would fail as this one did, by its credentials, its request or its form.
func hopeless(err error) bool {
	var failed *dial.Error
	if !errors.As(err, &failed) {
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

// reopen replaces a connection that was lost. It reports whether it did, and if not why it gave up: nil because the session
// closes meanwhile.
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

// loseConn notes that there is no connection. The Pongs of the last one will not come.
func (s *Session) loseConn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.pings = true, nil
}

// pause waits, unless RetryNow cuts it short. It returns false if the session closes.
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

// RetryNow cuts the pause before the next try to connect short. Without one it does nothing.
func (s *Session) RetryNow() {
	select {
	case s.retryNow <- struct{}{}:
	default:
	}
}

// follow goes on with a new connection, unless the session closes meanwhile. What is to be sent on it first is sent
// beside receiving, or a server that first wants to be read would stop both.
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

// useConn makes l the connection of the session.
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

// reportUnconfirmed names what may not have arrived, and counts it.
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
