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
	onEvent func(Event) error // called after recording; nil = it is not called
	onFlush func() error

	mu     sync.Mutex // guards the fields below
	events []string
}

func (r *recorder) Handle(e Event) error {
	r.mu.Lock()
	r.events = append(r.events, describe(e))
	r.mu.Unlock()
	if r.onEvent == nil {
		return nil
	}
	return r.onEvent(e)
}

func (r *recorder) Flush() error {
	if r.onFlush == nil {
		return nil
	}
	return r.onFlush()
}

// all returns the events so far.
func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// wantEvents fails the test unless the events are exactly these.
func (r *recorder) wantEvents(t *testing.T, wanted ...string) {
	t.Helper()
	if got := r.all(); !slices.Equal(got, wanted) {
		t.Errorf("got    %q\nwanted %q", got, wanted)
	}
}

// describe returns an event as text, as tests compare it: "> text hello", "< close 1000 bye".
func describe(e Event) string {
	arrow := "<"
	if e.Dir == Out {
		arrow = ">"
	}
	switch e.Kind {
	case KindOpen:
		return "opened"
	case KindMessage:
		marks := ""
		if !e.First {
			marks += "…"
		}
		if !e.Last {
			marks += "+"
		}
		return fmt.Sprintf("%s %v%s %s", arrow, e.Type, marks, e.Payload)
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
		return fmt.Sprintf("unconfirmed %d-%d (%d)", d.First, d.Last, d.Count)
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

// newPipeSession returns a session over a pipe and its server end, for use in a synctest bubble.
func newPipeSession(o Options, handler Handler) (*Session, *remote) {
	clientEnd, serverEnd := net.Pipe()
	dialed := &dial.Conn{Stream: clientEnd, Handshake: &dial.Handshake{URL: "ws://example.com/"}}
	return newSession(dialed, nil, o, handler), &remote{wire.NewConn(serverEnd, wire.Options{Server: true}), serverEnd}
}

// send sends a text message.
func (p *remote) send(message string) {
	p.WriteMessage(Text, []byte(message))
	p.Flush()
}

// sendControl sends a control frame.
func (p *remote) sendControl(op wire.Opcode, payload string) {
	p.WriteControl(op, []byte(payload))
	p.Flush()
}

// nextMessage returns the next control frame or whole message, its fragments joined, and false when the stream has ended.
func (p *remote) nextMessage() (op wire.Opcode, payload []byte, ok bool) {
	for {
		frame, err := p.Next()
		if err != nil {
			return 0, nil, false
		}
		payload = append(payload, frame.Payload...)
		if frame.Last {
			return frame.Opcode, payload, true
		}
	}
}

// receive returns the next message or control frame as text, and "" when the stream has ended.
func (p *remote) receive() string {
	op, payload, ok := p.nextMessage()
	if !ok {
		return ""
	}
	if op == wire.Close {
		code, reason := wire.ParseClose(payload)
		return string(bytes.TrimSpace(fmt.Appendf(nil, "close %d %s", code, reason)))
	}
	return fmt.Sprintf("%v %s", op, payload)
}

// receiveAll receives until the stream ends.
func (p *remote) receiveAll() (all []string) {
	for received := p.receive(); received != ""; received = p.receive() {
		all = append(all, received)
	}
	return all
}

// answerClose reads until a Close frame, answers it and closes the stream.
func (p *remote) answerClose() {
	for {
		frame, err := p.Next()
		if err != nil {
			break
		}
		if frame.Opcode == wire.Close {
			p.WriteControl(wire.Close, frame.Payload)
			p.Flush()
			break
		}
	}
	p.Close()
}

// dialSession dials a real server.
func dialSession(t *testing.T, url string, o Options, handler Handler) *Session {
	t.Helper()
	s, err := Dial(context.Background(), url, o, handler)
	if err != nil {
		t.Fatalf("dial %s: %v", url, err)
	}
	return s
}

// testTimeout bounds what must not hang, on the slowest machine.
const testTimeout = 30 * time.Second

// runSession returns the result of Run. A session that hangs fails the test.
func runSession(t *testing.T, s *Session) error {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- s.Run() }()
	return await(t, result)
}

// await receives from a channel, and fails the test if that takes too long.
func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(testTimeout):
		t.Fatalf("nothing in %v", testTimeout)
		panic("unreachable")
	}
}

// is reports whether an error is of a type.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var errHandler = errors.New("the handler failed")
