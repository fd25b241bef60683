package client

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/wire"
)

// ErrGoodbye is returned for what is said after the session has said goodbye or was lost.
var ErrGoodbye = errors.New("the conversation has ended")

// Listener hears what happens in a session.
type Listener interface {
	// Hear is told what happened, by whoever causes it: the goroutine in Run, or one that sends.
	// An error ends the session politely, and Run returns it. While Hear holds a lock it must not call the session.
	Hear(Event) error
	// Idle is called when nothing more is ready, before the session waits for the server:
	// what was held back must be flushed now.
	Idle() error
}

// Session is one conversation with a server. One goroutine calls Run; any may send.
type Session struct {
	options  Options
	listener Listener
	up       *upgraded
	conn     *wire.Conn
	ear      ear
	deaf     atomic.Bool // the listener failed: nobody hears us any more

	mu      sync.Mutex // guards what follows
	goodbye bool       // we have said Close
	code    int        // of the server's Close; 0 = none came
	fault   error      // what the listener failed with
	hangup  *time.Timer
	pings   []sentPing
}

// Dial connects to url and performs the opening handshake; what happens from then on is told to listener.
// It fails with a *UsageError or a *DialError.
func Dial(ctx context.Context, url string, o Options, listener Listener) (*Session, error) {
	up, err := connect(ctx, url, o)
	if err != nil {
		return nil, err
	}
	return newSession(up, o, listener), nil
}

func newSession(up *upgraded, o Options, listener Listener) *Session {
	s := &Session{options: o, listener: listener, up: up, ear: ear{now: time.Now()}}
	s.conn = wire.NewConn(up.stream, wire.Options{
		Deflate:    up.deflate,
		MaxMessage: o.MaxMessage,
		Idle:       s.idle,
		Awake:      s.awake,
		Trace:      s.tracer(),
	})
	s.tell(Event{Kind: Opened, Time: s.ear.now, Detail: up.handshake})
	return s
}

// Handshake is what the opening handshake agreed on.
func (s *Session) Handshake() *Handshake { return s.up.handshake }

// Send says a message. It may wait until the server takes what was said before; it keeps nothing of data.
// What was sent is buffered until Flush.
func (s *Session) Send(t Type, data []byte) error {
	s.tellSent(t, data, true, true)
	return s.sent(s.conn.WriteMessage(t, data))
}

// SendPart says a part of a message as a frame of its own: the first, the last, or one between.
func (s *Session) SendPart(t Type, data []byte, first, last bool) error {
	s.tellSent(t, data, first, last)
	return s.sent(s.conn.WritePiece(t, data, first, last))
}

// Ping asks for a Pong with the same data, at most 125 bytes. The Pong's event says how long it took.
func (s *Session) Ping(data []byte) error {
	if err := checkControl(data); err != nil {
		return err
	}
	now := time.Now()
	s.mu.Lock()
	s.pings = append(s.pings, sentPing{string(data), now})
	s.mu.Unlock()
	s.tell(Event{Kind: Ping, Dir: Out, Time: now, Payload: data})
	return s.sent(s.conn.WriteControl(wire.Ping, data))
}

// Pong says a Pong that nobody asked for (RFC 6455, section 5.5.3), with at most 125 bytes.
func (s *Session) Pong(data []byte) error {
	if err := checkControl(data); err != nil {
		return err
	}
	s.tell(Event{Kind: Pong, Dir: Out, Time: time.Now(), Payload: data})
	return s.sent(s.conn.WriteControl(wire.Pong, data))
}

// Flush puts on the wire what was said. It may wait for the server.
func (s *Session) Flush() error { return s.sent(s.conn.Flush()) }

// sent hides why the stream could not be written. The reason is what the server said last, or that it left, and
// only who listens can tell: a Close that lies unread must not be outrun by a broken pipe.
func (s *Session) sent(err error) error {
	if err != nil {
		return ErrGoodbye
	}
	return nil
}

// tellSent reports a message before it is written, or its answer could stand above it.
func (s *Session) tellSent(t Type, data []byte, first, last bool) {
	if s.options.HearSent {
		s.tell(Event{Kind: Message, Dir: Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// tell reports an event; the first that cannot be heard ends the session.
func (s *Session) tell(e Event) {
	if s.deaf.Load() {
		return
	}
	if err := s.listener.Hear(e); err != nil {
		s.deafen(err)
	}
}

// deafen remembers that the listener failed, and says goodbye: what still arrives is of use to nobody.
func (s *Session) deafen(err error) {
	s.mu.Lock()
	if s.fault == nil {
		s.fault = err
	}
	s.mu.Unlock()
	s.deaf.Store(true)
	s.leave(goingAway, "", linger)
}

// tracer tells of each frame as it is on the wire; without Options.Trace it costs nothing.
func (s *Session) tracer() func(wire.Trace) {
	if !s.options.Trace {
		return nil
	}
	return func(t wire.Trace) {
		dir := In
		if t.Out {
			dir = Out
		}
		s.tell(Event{Kind: Frame, Dir: dir, Time: t.Time, Detail: &t})
	}
}
