package server

import (
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wsx/client/wire"
)

// recordedSession returns a session that a client recorded.
func recordedSession() []Step {
	return []Step{
		{Opcode: wire.Text, Payload: []byte("welcome")},
		{Receive: true, Opcode: wire.Text, Payload: []byte("a")},
		{Opcode: wire.Binary, Payload: []byte{1, 2}, After: 20 * time.Millisecond},
		{Opcode: wire.Ping, Payload: []byte("p")},
		{Receive: true, Opcode: wire.Text, Payload: []byte("b")},
		{Opcode: wire.Close, Payload: wire.ClosePayload(4001, "over")},
	}
}

func TestReplay(t *testing.T) {
	for _, tr := range append(transports(), transport{name: "HTTP/1.1"}) {
		t.Run(tr.name, func(t *testing.T) {
			o := tr.options
			o.Replay = &Replay{Sessions: [][]Step{recordedSession()}, Speed: 2}
			s := serve(t, o)
			var c *testClient
			if tr.connect == nil {
				c = dial(t, s.URL(), nil)
			} else {
				c = tr.connect(t, s).dial(t, "/", websocket.DialOptions{})
			}
			c.expect("welcome")
			begin := time.Now()
			c.send("any message is the next")
			c.expect("\x01\x02")
			if took := time.Since(begin); took < 10*time.Millisecond {
				t.Errorf("the answer was sent after %v", took)
			}
			c.send("so is this")
			c.expectClose(4001)
		})
	}
}

// TestReplayEarlyMessages: messages received before the server has answered are compared in order.
func TestReplayEarlyMessages(t *testing.T) {
	s := serve(t, Options{Replay: &Replay{Sessions: [][]Step{recordedSession()}, Match: MatchExact}})
	c := dial(t, s.URL(), nil)
	c.send("a")
	c.send("b")
	c.expect("welcome")
	c.expect("\x01\x02")
	c.expectClose(4001)
}

// TestReplayMismatch: a message that does not match is reported; with Strict it ends the connection.
func TestReplayMismatch(t *testing.T) {
	var mu sync.Mutex
	var reported []string
	r := &Replay{Sessions: [][]Step{recordedSession()}, Match: MatchExact, Mismatch: func(m *Mismatch) {
		mu.Lock()
		defer mu.Unlock()
		reported = append(reported, m.Error())
	}}
	s := serve(t, Options{Replay: r})
	c := dial(t, s.URL(), nil)
	for _, text := range []string{"x", "a", "y", "b"} {
		c.send(text)
	}
	c.expect("welcome")
	c.expect("\x01\x02")
	c.expectClose(4001)
	mu.Lock()
	want := []string{`client 1: expected "a", received "x"`, `client 1: expected "b", received "y"`}
	if len(reported) != 2 || reported[0] != want[0] || reported[1] != want[1] {
		t.Errorf("reported %q, want %q", reported, want)
	}
	mu.Unlock()

	strict := *r
	strict.Strict = true
	c = dial(t, serve(t, Options{Replay: &strict}).URL(), nil)
	c.send("x")
	c.expect("welcome")
	c.expectClose(websocket.StatusPolicyViolation)

	typed := dial(t, serve(t, Options{Replay: &strict}).URL(), nil)
	typed.Write(typed.ctx, websocket.MessageBinary, []byte("a"))
	typed.expect("welcome")
	typed.expectClose(websocket.StatusPolicyViolation)
}

// TestReplaySessions: each client gets a session of its own, and a message after its end is reported.
func TestReplaySessions(t *testing.T) {
	reported := make(chan string, 1)
	s := serve(t, Options{Replay: &Replay{
		Sessions: [][]Step{{{Opcode: wire.Text, Payload: []byte("first")}}, {{Opcode: wire.Text, Payload: []byte("second")}}},
		Mismatch: func(m *Mismatch) { reported <- m.Error() },
	}})
	for _, want := range []string{"first", "second", "first"} {
		c := dial(t, s.URL(), nil)
		c.expect(want)
		if want == "second" {
			c.send("more")
			if got := <-reported; got != `client 2: expected no message, received "more"` {
				t.Errorf("reported %q", got)
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
