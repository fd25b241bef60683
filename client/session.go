package client

import (
	"context"
	"math/rand/v2"
	"time"

	"wsx/client/dial"
)

// Session exchanges messages with one server, over one connection or, with Options.Reconnect, over several one after the other.
// One goroutine must call Run; any goroutine may send.
type Session struct {
	*state
	sender            // of the goroutines that send; its exported methods are the session's
	receiver receiver // of the goroutine in Run
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
	s := &Session{state: newState(o, handler, now)}
	s.sender.state = s.state
	s.receiver = receiver{state: s.state, sender: &s.sender, dial: dial, now: now}
	s.receiver.retries = retries{longest: o.reconnectMax(), jitter: rand.Float64}
	c := s.receiver.newConn(dialed)
	c.number = 1
	s.conn.Store(c)
	if o.Reconnect {
		s.retransmit = newRetransmitQueue(s.state, c)
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
