package client

import (
	"context"
	"sync/atomic"
	"time"

	"wsx/client/wire"
)

// state is what the goroutines of a session share.
type state struct {
	options  Options
	reporter reporter
	conn     atomic.Pointer[conn] // the current connection, or the last
	activity activity
	closing  closing
	pings    pings
	ctx      context.Context // ends when the session closes
	cancel   func()          // ends it
	retryNow chan struct{}   // ends the delay before an attempt
}

func newState(o Options, handler Handler, now time.Time) *state {
	s := &state{options: o, activity: activity{start: now}, retryNow: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.reporter = reporter{handler: handler, failed: func() { s.startClose(GoingAway, "", closeWait{timeout: dropTimeout}) }}
	return s
}

// reportSent reports a message. It must be called before the message is written, since otherwise its answer could be reported
// first.
func (s *state) reportSent(f fragment) {
	if s.options.ReportSent {
		s.reporter.report(f.event())
	}
}

// tracer returns a function that reports each frame as it is on the wire; nil without Options.Trace.
func (s *state) tracer() func(wire.Trace) {
	if !s.options.Trace {
		return nil
	}
	return func(t wire.Trace) {
		dir := In
		if t.Out {
			dir = Out
		}
		s.reporter.report(Event{Kind: KindFrame, Dir: dir, Time: t.Time, Detail: &t})
	}
}

// loseConn records that there is no connection. The Pongs of the last one will not arrive.
func (s *state) loseConn() {
	s.pings.forget()
	s.closing.mu.Lock()
	defer s.closing.mu.Unlock()
	s.closing.down = true
}

// current returns the connection, or the last one, and reports whether it is still used.
func (s *state) current() (*conn, bool) {
	s.closing.mu.Lock()
	defer s.closing.mu.Unlock()
	return s.conn.Load(), !s.closing.down
}

// useConn sets the connection of the session, and reports whether it did: not if the session was closed.
func (s *state) useConn(old, c *conn) bool {
	c.number, c.before = old.number+1, old.writtenSoFar()
	s.closing.mu.Lock()
	defer s.closing.mu.Unlock()
	if s.closing.sent {
		return false
	}
	s.conn.Store(c)
	s.closing.down = false
	return true
}
