package accept

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"wsx/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is how long what must not hang may take, on the slowest machine.
const deadline = 30 * time.Second

// testAcceptor is an acceptor that runs, and its events.
type testAcceptor struct {
	*Acceptor
	events chan client.Event // payloads kept; room for more than any test has
	ended  chan error

	mu     sync.Mutex // guards the next field
	listed []string   // the events so far
}

// start runs an acceptor; handlers are called with each event.
func start(t *testing.T, o client.Options, rules Options, handlers ...func(*testAcceptor, client.Event) error) *testAcceptor {
	t.Helper()
	acceptor := &testAcceptor{events: make(chan client.Event, 1024), ended: make(chan error, 1)}
	a, err := Listen(t.Context(), "0", o, rules, &recorder{acceptor, handlers})
	if err != nil {
		t.Fatal(err)
	}
	acceptor.Acceptor = a
	go func() { acceptor.ended <- a.Run() }()
	t.Cleanup(func() { a.Abort(client.GoingAway, "") })
	return acceptor
}

// recorder is the handler of a testAcceptor.
type recorder struct {
	acceptor *testAcceptor
	handlers []func(*testAcceptor, client.Event) error
}

func (r *recorder) Handle(e client.Event) error {
	acceptor := r.acceptor
	e.Payload = slices.Clone(e.Payload)
	acceptor.mu.Lock()
	acceptor.listed = append(acceptor.listed, describe(e))
	acceptor.mu.Unlock()
	acceptor.events <- e
	for _, handle := range r.handlers {
		if err := handle(acceptor, e); err != nil {
			return err
		}
	}
	return nil
}

func (*recorder) Flush() error { return nil }

// describe is an event as tests spell it: "> text hello", "< close 1000 bye". A + is behind a type whose message goes on, … behind one
// whose message began before.
func describe(e client.Event) string {
	direction := map[client.Dir]string{client.In: "<", client.Out: ">"}[e.Dir]
	switch e.Kind {
	case client.KindMessage:
		mark := ""
		if !e.First {
			mark = "…"
		} else if !e.Last {
			mark = "+"
		}
		return fmt.Sprintf("%s %s%s %s", direction, e.Type, mark, e.Payload)
	case client.KindClose:
		return fmt.Sprintf("%s close %d %s", direction, e.Code, e.Payload)
	case client.KindListening:
		return "listening"
	case client.KindOpen:
		return "open"
	}
	return fmt.Sprint("event ", e.Kind)
}

// all returns the events so far.
func (acceptor *testAcceptor) all() []string {
	acceptor.mu.Lock()
	defer acceptor.mu.Unlock()
	return slices.Clone(acceptor.listed)
}

// until waits for an event of a kind.
func (acceptor *testAcceptor) until(t *testing.T, kind client.Kind, dir client.Dir) client.Event {
	t.Helper()
	for {
		if e := receive(t, acceptor.events); e.Kind == kind && e.Dir == dir {
			return e
		}
	}
}

// message waits for a message, and joins its fragments.
func (acceptor *testAcceptor) message(t *testing.T) string {
	t.Helper()
	var payload []byte
	for {
		e := acceptor.until(t, client.KindMessage, client.In)
		if payload = append(payload, e.Payload...); e.Last {
			return string(payload)
		}
	}
}

// awaitNoPeer waits until all clients have disconnected.
func (acceptor *testAcceptor) awaitNoPeer() {
	acceptor.Acceptor.mu.Lock()
	defer acceptor.Acceptor.mu.Unlock()
	for len(acceptor.peers) > 0 {
		acceptor.changed.Wait()
	}
}

// connect connects a client that is not ours: coder/websocket.
func connect(t *testing.T, url string, o *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), url, o)
	if err != nil {
		t.Fatalf("dial %s: %v (%v)", url, err, response)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// expect receives the next message, which must be this one.
func expect(t *testing.T, conn *websocket.Conn, wanted string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	_, got, err := conn.Read(ctx)
	if err != nil || string(got) != wanted {
		t.Fatalf("the client received %q, %v; wanted %q", got, err, wanted)
	}
}

func send(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// receive returns what comes from a channel. That nothing comes fails the test.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(deadline):
		t.Fatalf("nothing in %v", deadline)
		panic("unreachable")
	}
}

// is reports whether an error is of a type.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
