package load

import (
	"context"
	"encoding/json"
	"net"
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

// TestDialect: verbs of a dialect are used, and their replies found in whatever order they come.
func TestDialect(t *testing.T) {
	s := &testServer{speaks: builtin(t, "jsonrpc"), handle: func(p *peer, payload []byte) {
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
	if err := verb.Check(s.speaks); err != nil {
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

// TestLogin: connections send when their login is done; where it is refused, there is no connection.
func TestLogin(t *testing.T) {
	for _, c := range []struct{ answer, err string }{
		{`{"type":"connection_ack"}`, ""}, {`{"type":"error"}`, "graphql-ws: login refused: the server closed the connection"},
	} {
		s := &testServer{speaks: builtin(t, "graphql-ws"), handle: func(p *peer, payload []byte) {
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

// TestStalledDialect: a run ends, although the server reads nothing and the dialect's goodbye waits for it. It takes real time:
// who waits for a lock holds the time of a bubble.
func TestStalledDialect(t *testing.T) {
	s := &testServer{speaks: builtin(t, "jsonrpc")}
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
