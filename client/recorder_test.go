package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// recorder is a handler that records events.
type recorder struct {
	onEvent func(Event) error // what it does beyond remembering; nil = nothing
	onFlush func() error

	mu     sync.Mutex // guards the fields below
	events []string
}

func (w *recorder) Handle(e Event) error {
	w.mu.Lock()
	w.events = append(w.events, describe(e))
	w.mu.Unlock()
	if w.onEvent == nil {
		return nil
	}
	return w.onEvent(e)
}

func (w *recorder) Flush() error {
	if w.onFlush == nil {
		return nil
	}
	return w.onFlush()
}

// all returns the events so far.
func (w *recorder) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

// wants fails the test unless the events are exactly these.
func (w *recorder) wants(t *testing.T, wanted ...string) {
	t.Helper()
	if heard := w.all(); !slices.Equal(heard, wanted) {
		t.Errorf("heard  %q\nwanted %q", heard, wanted)
	}
}

// describe is an event as tests spell it: "> text hello", "< close 1000 bye".
func describe(e Event) string {
	arrow := "<"
	if e.Dir == Out {
		arrow = ">"
	}
	switch e.Kind {
	case KindOpen:
		return "opened"
	case KindMessage:
		cut := ""
		if !e.First {
			cut += "…"
		}
		if !e.Last {
			cut += "+"
		}
		return fmt.Sprintf("%s %v%s %s", arrow, e.Type, cut, e.Payload)
	case KindPing:
		return fmt.Sprintf("%s ping %s", arrow, e.Payload)
	case KindPong:
		if d, ok := e.Detail.(time.Duration); ok {
			return fmt.Sprintf("%s pong %s after %v", arrow, e.Payload, d)
		}
		return fmt.Sprintf("%s pong %s", arrow, e.Payload)
	case KindClose:
		return string(bytes.TrimSpace(fmt.Appendf(nil, "%s close %d %s", arrow, e.Code, e.Payload)))
	case KindRetry:
		return fmt.Sprintf("retry %d in %v", e.Detail.(*Attempt).Attempt, e.Detail.(*Attempt).After)
	case KindUnconfirmed:
		d := e.Detail.(*Unconfirmed)
		return fmt.Sprintf("doubt %d-%d (%d)", d.First, d.Last, d.Count)
	case KindFrame:
		return fmt.Sprintf("%s frame %v", arrow, e.Detail.(*wire.Trace).Opcode)
	}
	return fmt.Sprintf("event %d", e.Kind)
}

// remote is the server at the other end of a session, in memory.
type remote struct {
	*wire.Conn
	stream net.Conn
}

// paired is a session whose server is the test itself. For synctest: time stands still while anybody is at work.
func paired(o Options, l Handler) (*Session, *remote) {
	ours, theirs := net.Pipe()
	up := &dial.Conn{Stream: ours, Handshake: &dial.Handshake{URL: "ws://example.com/"}}
	return newSession(up, nil, o, l), &remote{wire.NewConn(theirs, wire.Options{Server: true}), theirs}
}

// says sends a message.
func (p *remote) says(message string) {
	p.WriteMessage(Text, []byte(message))
	p.Flush()
}

// says a control frame.
func (p *remote) controls(op wire.Opcode, payload string) {
	p.WriteControl(op, []byte(payload))
	p.Flush()
}

// whole is the next message or control frame; false = there will be no more. A message may come in pieces.
func (p *remote) whole() (op wire.Opcode, payload []byte, ok bool) {
	for {
		piece, err := p.Next()
		if err != nil {
			return 0, nil, false
		}
		payload = append(payload, piece.Payload...)
		if piece.Last {
			return piece.Opcode, payload, true
		}
	}
}

// hears is the next message or control frame, as tests spell it; "" = there will be no more.
func (p *remote) hears() string {
	op, payload, ok := p.whole()
	if !ok {
		return ""
	}
	if op == wire.Close {
		code, reason := wire.ParseClose(payload)
		return string(bytes.TrimSpace(fmt.Appendf(nil, "close %d %s", code, reason)))
	}
	return fmt.Sprintf("%v %s", op, payload)
}

// hearsAll is all that it hears until the end.
func (p *remote) hearsAll() (all []string) {
	for one := p.hears(); one != ""; one = p.hears() {
		all = append(all, one)
	}
	return all
}

// answersClose hears until a Close, answers it and closes the stream.
func (p *remote) answersClose() {
	for {
		piece, err := p.Next()
		if err != nil {
			break
		}
		if piece.Opcode == wire.Close {
			p.WriteControl(wire.Close, piece.Payload)
			p.Flush()
			break
		}
	}
	p.Close()
}

// dialed is a session with a real server; ending the test ends it.
func dialed(t *testing.T, url string, o Options, l Handler) *Session {
	t.Helper()
	s, err := Dial(context.Background(), url, o, l)
	if err != nil {
		t.Fatalf("dial %s: %v", url, err)
	}
	return s
}

// patience is how long what must not hang may take, on the slowest machine.
const patience = 30 * time.Second

// ended is what Run says. A session that hangs fails the test.
func ended(t *testing.T, s *Session) error {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	return soon(t, result)
}

// soon is what comes from a channel. That nothing comes fails the test.
func soon[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(patience):
		t.Fatalf("nothing in %v", patience)
		panic("unreachable")
	}
}

// is reports whether an error is of a type.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var errListener = errors.New("the listener failed")
