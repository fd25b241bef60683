package dialect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// startSession compiles a dialect file, and starts a session.
func startSession(t testing.TB, text string) *State {
	t.Helper()
	d, err := Parse("test.dialect", []byte("name test \"Test\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Start(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Open(time.Now(), "", "")
	return s
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `f:1: no name`},
		{" x", "f:1: the first line begins with a space"},
		{"name x \"X\"\nname y \"Y\"", "f:2: name appears twice in the file"},
		{"name X \"X\"", "f:1: invalid name"},
		{"name x \"X\"\non .a", "f:2: no =>"},
		{"name x \"X\"\n\non .a => send(", "f:3: jq: "},
		{"name x \"X\"\non .a => nosuch", "f:2: jq: function not defined: nosuch/0"},
		{"name x \"X\"\ncoding morse", `f:2: unknown coding "morse"`},
		{"name x \"X\"\nseparator ,", "f:2: a separator must be a JSON string"},
		{"name x \"X\"\nverb a b => ready", "f:2: invalid parameter"},
		{"name x \"X\"\nverb a [B] C => ready", "f:2: C cannot follow [B]"},
		{"name x \"X\"\nverb a => ready\nverb a => ready", "f:3: verb a appears twice in the file"},
		{"name x \"X\"\noption a=1 loud", "f:2: an option can be json, secret or required"},
		{"name x \"X\"\noption a={ json", "f:2: the default of a is not JSON"},
		{"name x \"X\"\nopen", "f:2: open needs an argument"},
		{"name x \"X\"\nopen $ENV.HOME, $nosuch", "f:2: jq: variable not defined: $nosuch"},
		{"name x \"X\"\nopen inputs", "f:2: jq: "},
		{"name \xff", "f:1: not UTF-8"},
	} {
		_, err := Parse("f", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestAnswersLimit(t *testing.T) {
	s := startSession(t, "on .n => range(.n) | send(.)\non .s => send(.s * 1000)")
	for _, c := range []struct {
		message string
		sent    int
	}{
		{`{"n":16}`, 16},
		{`{"n":17}`, 16},
		{`{"n":1e9}`, 0},
		{`{"s":"` + strings.Repeat("x", 2000) + `"}`, 0},
	} {
		out, err := s.Receive(time.Now(), false, []byte(c.message))
		if err != nil || len(out.Send) != c.sent {
			t.Errorf("%.20s: %d messages, %v, want %d", c.message, len(out.Send), err, c.sent)
		}
	}
}

func TestAnswerLoop(t *testing.T) {
	s := startSession(t, "on true => send(.), send(.), send(.)")
	now := time.Now()
	var err error
	for i := 0; i < 10000 && err == nil; i++ {
		now = now.Add(time.Millisecond)
		_, err = s.Receive(now, false, []byte("1"))
	}
	if !errors.Is(err, errLoop) {
		t.Errorf("%v, want %v", err, errLoop)
	}
}

func TestStateLimit(t *testing.T) {
	s := startSession(t, "state {a: []}\non true => set({a: ($state.a + [.])})")
	message := []byte(`"` + strings.Repeat("x", 100<<10) + `"`)
	for range 20 {
		s.Receive(time.Now(), false, message)
	}
	if size := len(jsonText(s.state)); size > maxBytes {
		t.Errorf("$state has %d bytes", size)
	}
}

func TestNoEnvironment(t *testing.T) {
	t.Setenv("WSX_SECRET", "hidden")
	s := startSession(t, "on true => event(\"seen\"; [$ENV.WSX_SECRET, env.WSX_SECRET, (env | length)])")
	out, err := s.Receive(time.Now(), false, []byte("1"))
	if err != nil || len(out.Events) != 1 || string(out.Events[0].Text()) != "[null,null,0]" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestRunTimeout(t *testing.T) {
	s := startSession(t, "on true => [range(1e18)] | send(.)")
	out, err := s.Receive(time.Now(), false, []byte("1"))
	if err != nil || len(out.Notes) != 1 || !strings.Contains(out.Notes[0], "longer than 50ms") {
		t.Errorf("%+v, %v", out.Notes, err)
	}
}

func TestTimers(t *testing.T) {
	s := startSession(t, "state {beat: null}\nevery $state.beat => send(\"beat\")\non .beat => set({beat: .beat})")
	now := time.Now()
	if out := s.Tick(now); !out.Next.IsZero() || len(out.Send) > 0 {
		t.Fatalf("%+v", out)
	}
	out, _ := s.Receive(now, false, []byte(`{"beat": 2}`))
	if want := now.Add(2 * time.Second); !out.Next.Equal(want) {
		t.Fatalf("next %v, want %v", out.Next, want)
	}
	out = s.Tick(now.Add(2 * time.Second))
	if len(out.Send) != 1 || !out.Next.Equal(now.Add(4*time.Second)) {
		t.Errorf("%+v", out)
	}
}

// TestSubscriptionsAreRepeated: a subscription is repeated on the next connection once the login is done, and an unanswered request
// fails.
func TestSubscriptionsAreRepeated(t *testing.T) {
	s, _ := mustBuiltin(t, "graphql-ws").Start(nil)
	now := time.Now()
	sent := func(out Output) string {
		var all []string
		for _, m := range out.Send {
			all = append(all, string(m.Data))
		}
		return strings.Join(all, " ")
	}
	if got := sent(s.Open(now, "", "")); got != `{"payload":{},"type":"connection_init"}` {
		t.Fatal(got)
	}
	if _, out, err := s.Verb(now, "subscribe", PlainWords("subscription{tick}")); err != nil || len(out.Send) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	subscribe := `{"id":"1","payload":{"query":"subscription{tick}"},"type":"subscribe"}`
	ack := []byte(`{"type":"connection_ack"}`)
	if out, _ := s.Receive(now, false, ack); sent(out) != subscribe {
		t.Fatal(sent(out))
	}
	s.Lost()
	if got := sent(s.Open(now, "", "")); got != `{"payload":{},"type":"connection_init"}` {
		t.Fatal(got)
	}
	if out, _ := s.Receive(now, false, ack); sent(out) != subscribe {
		t.Fatal(sent(out))
	}
	s.Receive(now, false, []byte(`{"id":"1","type":"complete"}`))
	s.Lost()
	s.Open(now, "", "")
	if out, _ := s.Receive(now, false, ack); sent(out) != "" {
		t.Fatal(sent(out))
	}
}

func TestTargetKeepsUserURL(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"/", "/socket.io/?EIO=4&transport=websocket"},
		{"/own", "/own?EIO=4&transport=websocket"},
		{"/?EIO=3", "/socket.io/?EIO=3&transport=websocket"},
	} {
		s, _ := mustBuiltin(t, "socketio").Start(nil)
		connect, err := s.Connect("", "", "", nil)
		if got := connect.Target(c.given); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.given, got, err, c.want)
		}
	}
}

// TestConditions: conditions without an interpreter have the same result as jq.
func TestConditions(t *testing.T) {
	values := []string{`null`, `1`, `"a"`, `[]`, `[1,{"a":2}]`, `{}`, `{"a":null}`, `{"a":1,"b":"x"}`, `{"a":{"b":false}}`, `{"a":"a"}`, `1.0`, `{"a":{}}`}
	for _, source := range []string{
		".", ".a", ".a == 1", ".a != 1", ".a == null", ".a.b", ".a.b == false", "has(\"a\")", ".[1].a == 2", ". == {}", ".a == {}",
		".a and .b", ".a or .b", ".a == \"a\"", ".[0] == 1", "(.a == 1) and (.b == \"x\")", ".[1:]", "true", "null", "type == \"array\"",
	} {
		c, err := compileCondition(source, "f:1")
		if err != nil {
			t.Fatal(err)
		}
		if c.test == nil {
			t.Errorf("%s needs an interpreter", source)
		}
		for _, text := range values {
			s := startSession(t, "")
			value := mustJSON(t, text)
			got := s.holds(c, value)
			if want := s.holds(condition{code: c.code}, value); got != want {
				t.Errorf("%s of %s: %v, jq returns %v", source, text, got, want)
			}
		}
	}
}

func FuzzReceive(f *testing.F) {
	for _, seed := range []string{
		`42["a",{"_placeholder":true,"num":0}]`, `451-["a",{"_placeholder":true,"num":0}]`, `0{"sid":"x"}`, `{"id":1,"error":{}}`,
		`[null,"1","t","phx_reply",{"status":"ok"}]`, `{"op":10,"d":{"heartbeat_interval":1}}`, "\x03{}", `{}`, `{"type":1}` + "\x1e",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	var all []*Dialect
	for _, name := range Names() {
		all = append(all, mustBuiltin(f, name))
	}
	f.Fuzz(func(t *testing.T, payload []byte, binary bool) {
		for _, d := range all {
			options := map[string]string{}
			for _, o := range d.Options {
				if o.Required {
					options[o.Name] = "x"
				}
			}
			s, err := d.Start(options)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			s.Open(now, "", "")
			for range 2 {
				out, err := s.Receive(now, binary, payload)
				if err != nil || len(out.Send) > maxSent+maxAttachments {
					t.Fatalf("%s: %d messages, %v", d.Name, len(out.Send), err)
				}
				for i := range out.Events {
					out.Events[i].Text()
					out.Events[i].AppendJSON(nil)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		content, _ := Source(name)
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := Parse("f", content)
		var file *FileError
		if err != nil && !errors.As(err, &file) {
			t.Fatal(fmt.Errorf("the error has no place in the file: %w", err))
		}
	})
}

func TestRecordLimit(t *testing.T) {
	s, _ := mustBuiltin(t, "centrifuge").Start(nil)
	now := time.Now()
	s.Open(now, "", "")
	for _, c := range []struct{ values, events int }{{100, 100}, {maxRecords + 1, 1}} {
		out, err := s.Receive(now, false, []byte(strings.Repeat(`{"push":{"channel":"a","pub":{"data":1}}}`+"\n", c.values)))
		if err != nil || len(out.Events) != c.events {
			t.Errorf("%d values: %d events, %v", c.values, len(out.Events), err)
		}
	}
}
