package load

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client/dial"
	"wsx/dialect"
)

func builtin(t *testing.T, name string) *dialect.Dialect {
	t.Helper()
	source, found := dialect.Source(name)
	if !found {
		t.Fatalf("no dialect %s", name)
	}
	d, err := dialect.Parse(name, source)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDialect: verbs of a dialect are used, and their replies paired in any order.
func TestDialect(t *testing.T) {
	s := &testServer{dialect: builtin(t, "jsonrpc"), handle: func(p *peer, payload []byte) {
		var request struct {
			ID     any
			Params []float64
		}
		json.Unmarshal(payload, &request)
		delay, answer := 10*time.Millisecond, map[string]any{"jsonrpc": "2.0", "id": request.ID, "result": request.Params}
		switch n := int(request.Params[0]); {
		case n%2 == 0:
			delay = 50 * time.Millisecond
		case n%25 == 13:
			answer = map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": map[string]any{"code": 1}}
		}
		packed, _ := json.Marshal(answer)
		go func() {
			time.Sleep(delay)
			p.send(packed)
		}()
	}}
	verb, err := ParseVerb("call", []string{"add", "{{.Seq}}"})
	if err != nil {
		t.Fatal(err)
	}
	if err := verb.Check(s.dialect); err != nil {
		t.Fatal(err)
	}
	rep := measure(t, s, Options{Scenario: "echo", Connections: 2, Rate: 100, Duration: 5 * time.Second, Verb: verb})
	if rep.Sent != 500 || rep.Received != 490 || rep.Errors["reply"] != 10 || rep.Pairing != "by the dialect" {
		t.Errorf("sent %d, received %d, errors %v", rep.Sent, rep.Received, rep.Errors)
	}
	if !near(rep.Latency.P90, 50, 3) || !near(float64(rep.Distribution().Percentile(40)), 1e7, 3) {
		t.Errorf("latency %+v, want half at 10 ms and half at 50 ms", rep.Latency)
	}
}

// TestLogin: connections send after their login; if it is refused, there is no connection.
func TestLogin(t *testing.T) {
	for _, c := range []struct{ answer, err string }{
		{`{"type":"connection_ack"}`, ""}, {`{"type":"error"}`, "graphql-ws: login refused: the server closed the connection"},
	} {
		s := &testServer{dialect: builtin(t, "graphql-ws"), handle: func(p *peer, payload []byte) {
			var m struct{ ID, Type string }
			json.Unmarshal(payload, &m)
			switch {
			case m.Type == "connection_init" && c.err != "":
				p.Close()
			case m.Type == "connection_init":
				time.Sleep(100 * time.Millisecond)
				p.send([]byte(c.answer))
			case m.Type == "subscribe":
				time.Sleep(5 * time.Millisecond)
				p.send([]byte(`{"type":"next","id":"` + m.ID + `","payload":{"data":{"a":1}}}`))
				p.send([]byte(`{"type":"complete","id":"` + m.ID + `"}`))
			}
		}}
		verb, _ := ParseVerb("subscribe", []string{"{a}"})
		synctest.Test(t, func(t *testing.T) {
			rep, err := Run(t.Context(), Options{
				Scenario: "echo", Connections: 3, Duration: time.Second, Verb: verb, Message: SizedMessage(256, false), Dial: s.dial, Sleep: time.Sleep,
			})
			s.serving.Wait()
			switch {
			case c.err != "":
				if err == nil || err.Error() != c.err {
					t.Errorf("%v, want %s", err, c.err)
				}
			case err != nil:
				t.Error(err)
			case !near(rep.Latency.P50, 5, 1) || !near(rep.Connecting["total"].P50, 100, 1) || rep.Received < 500 || rep.FailedCount() != 0:
				t.Errorf("latency %+v, connecting %+v, %d received, errors %v", rep.Latency, rep.Connecting, rep.Received, rep.Errors)
			}
		})
	}
}

// phoenixServer answers joins and pushes, and sends what is pushed to all that have joined.
func phoenixServer(t *testing.T) *testServer {
	s := &testServer{dialect: builtin(t, "phoenix")}
	var mu sync.Mutex
	joined := map[*peer]bool{}
	s.handle = func(from *peer, payload []byte) {
		var m [5]any // the reference of the join, that of the message, topic, event, payload
		json.Unmarshal(payload, &m)
		answer := func(status string) {
			packed, _ := json.Marshal([]any{m[0], m[1], m[2], "phx_reply", map[string]any{"status": status, "response": map[string]any{}}})
			from.send(packed)
		}
		delay := time.Millisecond
		if m[3] == "phx_join" {
			delay = 50 * time.Millisecond
		}
		time.Sleep(delay)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case m[3] == "phx_join" && m[2] == "closed":
			answer("error")
		case m[3] == "phx_join":
			joined[from] = true
			answer("ok")
		case joined[from]:
			packed, _ := json.Marshal([]any{nil, nil, m[2], m[3], m[4]})
			for p := range joined {
				p.send(packed)
			}
			answer("ok")
		}
	}
	return s
}

func verbOf(t *testing.T, name string, words ...string) *Verb {
	t.Helper()
	verb, err := ParseVerb(name, words)
	if err != nil {
		t.Fatal(err)
	}
	return verb
}

// TestDialectRoom: all connections join the room first, and pushed messages are recognized in what they receive.
func TestDialectRoom(t *testing.T) {
	for _, rate := range []float64{50, 0} {
		rep := measure(t, phoenixServer(t), Options{
			Scenario: "fanout", Connections: 5, Senders: 2, Rate: rate, Duration: 2 * time.Second, Message: SizedMessage(256, false),
			Opening: []*Verb{verbOf(t, "join", "room")}, Verb: verbOf(t, "push", "room", "shout", `{"text":"{{.Mark}}"}`),
		})
		if rep.Sent == 0 || rep.Reach.Received != rep.Sent*5 || rep.Reach.Expected != rep.Sent*5 || rep.FailedCount() != 0 {
			t.Errorf("at %v/s: sent %d, reach %+v, errors %v", rep.Asked, rep.Sent, rep.Reach, rep.Errors)
		}
		if rep.Connecting["login"].P50 < 50 {
			t.Errorf("the join is not part of the opening: %+v", rep.Connecting)
		}
	}
}

// TestOpeningRefused: if a verb of the opening is refused, there is no connection.
func TestOpeningRefused(t *testing.T) {
	s := phoenixServer(t)
	synctest.Test(t, func(t *testing.T) {
		_, err := Run(t.Context(), Options{
			Scenario: "connect", Connections: 2, Message: SizedMessage(256, false), Dial: s.dial, Sleep: time.Sleep,
			Opening: []*Verb{verbOf(t, "join", "closed")},
		})
		s.serving.Wait()
		var refused *dialect.LoginError
		if !errors.As(err, &refused) || refused.What != "join" {
			t.Errorf("%v, want a refused join", err)
		}
	})
}

// TestChurnLogsIn: connections that are closed at once log in before that, and their latency includes the login.
func TestChurnLogsIn(t *testing.T) {
	rep := measure(t, phoenixServer(t), Options{
		Scenario: "connect", Rate: 20, Duration: 2 * time.Second, Message: SizedMessage(256, false), Opening: []*Verb{verbOf(t, "join", "room")},
	})
	if rep.Received != 40 || rep.FailedCount() != 0 || rep.Latency.P50 < 49.9 || rep.Connecting["login"].P50 < 49.9 || rep.Lost != 0 {
		t.Errorf("%d opened, %d lost, errors %v, latency %+v, connecting %+v", rep.Received, rep.Lost, rep.Errors, rep.Latency, rep.Connecting)
	}
}

// TestStalledDialect: a run ends even if the server does not read, so that writing the dialect's last message blocks. It takes real
// time: a goroutine that waits for a lock stops the clock of synctest.
func TestStalledDialect(t *testing.T) {
	s := &testServer{dialect: builtin(t, "jsonrpc")}
	verb, err := ParseVerb("call", []string{"add"})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := Run(t.Context(), Options{
		Scenario: "echo", Connections: 2, Rate: 100, Duration: 100 * time.Millisecond, Verb: verb, Message: SizedMessage(256, false),
		Dial: func(context.Context, int) (Opened, error) {
			near, far := net.Pipe() // nothing reads from far
			t.Cleanup(func() { far.Close() })
			return Opened{Conn: &dial.Conn{Stream: near, Handshake: &dial.Handshake{}}, State: s.state()}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Errors["timeout"] != 10 {
		t.Errorf("errors %v, want 10 timeouts", rep.Errors)
	}
}
