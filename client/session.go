package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// ErrClosed is returned by sends after the session was closed or lost.
var ErrClosed = errors.New("session closed")

// Session exchanges messages with one server, over one connection or, with Options.Reconnect, over several one after the other.
// One goroutine must call Run; any goroutine may send.
type Session struct {
	sender            // of the goroutines that send; its exported methods are the session's
	receiver receiver // of the goroutine in Run

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

// Dial connects to url and performs the opening handshake. Events are reported to handler, which may be nil. ctx bounds the
// dialing only. The error is a *dial.UsageError or a *dial.Error.
func Dial(ctx context.Context, url string, o Options, handler Handler) (*Session, error) {
	if err := o.CheckSession(); err != nil {
		return nil, err
	}
	d, err := dial.New(ctx, url, o.Options)
	if err != nil {
		return nil, err
	}
	dialed, err := d.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(dialed, d.Dial, o, handler), nil
}

// newSession returns a session over an open connection; it calls dial to replace that after a loss.
func newSession(dialed *dial.Conn, dial func(context.Context) (*dial.Conn, error), o Options, handler Handler) *Session {
	now := time.Now()
	if handler == nil {
		handler = ignore{}
	}
	s := &Session{options: o, activity: activity{start: now}, retryNow: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.reporter = reporter{handler: handler, failed: func() { s.startClose(GoingAway, "", closeWait{timeout: dropTimeout}) }}
	s.sender.session = s
	s.receiver.session, s.receiver.dial, s.receiver.now = s, dial, now
	s.receiver.retries = retries{longest: o.reconnectMax(), jitter: rand.Float64}
	c := s.newConn(dialed)
	c.number = 1
	s.conn.Store(c)
	if o.Reconnect {
		s.retransmit = newRetransmitQueue(s, c)
		s.receiver.retransmit = s.retransmit
	}
	s.reporter.report(Event{Kind: KindOpen, Time: now, Detail: dialed.Handshake})
	return s
}

// Accepted returns a session with a client whose opening handshake was accepted. It does not reconnect.
func Accepted(conn *dial.Conn, o Options, handler Handler) *Session {
	return newSession(conn, nil, o, handler)
}

// Handshake returns the opening handshake of the current connection, or of the last.
func (s *Session) Handshake() *dial.Handshake { return s.conn.Load().dialed.Handshake }

// tracer returns a function that reports each frame as it is on the wire; nil without Options.Trace.
func (s *Session) tracer() func(wire.Trace) {
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
