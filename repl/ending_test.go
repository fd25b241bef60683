package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"testing"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/dialect"
	"wsx/repl/render"
)

// endings are actions that end a session from outside.
func endings() map[string]func(*scriptRun) {
	return map[string]func(*scriptRun){
		"quit": func(p *scriptRun) {
			if !p.repl.Quit() {
				p.Error("there is nothing to close")
			}
		},
		"interrupt":   func(p *scriptRun) { p.cancel(errors.New("interrupted")) },
		"output gone": func(p *scriptRun) { p.cancel(ErrOutputClosed) },
		"flood": func(p *scriptRun) {
			for range 3 {
				p.session.emit(client.Event{Kind: client.KindMessage, Type: client.Text, Payload: []byte("x"), First: true, Last: true})
			}
		},
		"open": func(p *scriptRun) { p.session.emit(client.Event{Kind: client.KindOpen, Detail: p.session.Handshake()}) },
	}
}

// TestEnding: what ends a session whose lines are piped, with which Close, and which error.
func TestEnding(t *testing.T) {
	for name, c := range map[string]struct {
		ending       Ending
		ignoresClose bool
		script       string
	}{
		"after the input, at once": {script: `
			> hello
			  sent text "hello"
			eof
			  sent close 1000 ""
			  end
		`},
		"after the input, when the server is silent": {ending: Ending{Wait: time.Second}, script: `
			> hello
			  sent text "hello"
			eof
			wait 900ms
			< late
			  out: late
			wait 999ms
			wait 1ms
			  sent close 1000 ""
			  end
		`},
		"after the input, when the server closes": {ending: Ending{Wait: -1, CloseCode: 3000}, script: `
			eof
			wait 1h
			<close 1000 bye
			  note: * disconnected by the server: 1000 normal closure: bye
			<end
			  end
		`},
		"after the input, when the connection is lost": {ending: Ending{Wait: -1}, script: `
			eof
			<lost
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`},
		"with our code": {ending: Ending{CloseCode: 4000, CloseReason: "done"}, script: `
			eof
			  sent close 4000 "done"
			  end
		`},
		"the server closes first": {script: `
			<close 1000
			  note: * disconnected by the server: 1000 normal closure
			<end
			  end
		`},
		"after messages": {ending: Ending{Count: 2, CloseCode: 3001, CloseReason: "enough"}, script: `
			< 1
			  out: 1
			do flood
			  sent close 3001 "enough" now
			  out: x
			  end
		`},
		"after messages that come in fragments": {ending: Ending{Count: 2}, script: `
			<first 1
			  out: 1
			<last 1
			  out: 1
			<first 2
			  out: 2
			<next 2
			  out: 2
			<last 2
			  sent close 1000 "" now
			  out: 2
			  end
		`},
		"before enough messages": {ending: Ending{Count: 2}, script: `
			< 1
			  out: 1
			<end
			  end: wait for 2 messages: the session ended after 1
		`},
		"after a match": {ending: Ending{Until: regexp.MustCompile("^b$")}, script: `
			< ab
			  out: ab
			<first a
			  out: a
			<last b
			  out: b
			<first b
			  out: b
			<last
			  sent close 1000 "" now
			  out:
			  end
		`},
		"after a match, over the last message": {ending: Ending{Until: regexp.MustCompile("b")}, script: `
			< b
			  sent close 1000 "" now
			  out: b
			  end
		`},
		"before a match": {ending: Ending{Until: regexp.MustCompile("b")}, script: `
			< a
			  out: a
			<end
			  end: wait for a message that matches "b": the session ended first
		`},
		"after JSON": {ending: Ending{UntilJQ: queryOf(t, ".done")}, script: `
			< done
			  out: done
			< {"done": false}
			  out: {"done": false}
			< {"done": true}
			  sent close 1000 "" now
			  out: {"done": true}
			  end
		`},
		"before JSON": {ending: Ending{UntilJQ: queryOf(t, ".done")}, script: `
			<end
			  end: wait for a message for which the jq expression is true: the session ended first
		`},
		"lost before a match": {ending: Ending{Until: regexp.MustCompile("b")}, script: `
			<lost
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`},
		"after a time": {ending: Ending{Duration: time.Minute}, script: `
			do open
			  note: * connected to ws://h/ (HTTP/1.1)
			wait 59s
			do open
			  note: * connected to ws://h/ (HTTP/1.1)
			wait 1s
			  sent close 1000 "" now
			  end
		`},
		"from outside": {ending: Ending{CloseCode: 3000}, script: `
			do quit
			  sent close 3000 "" now
			  end
		`},
		"from outside, with a server that does not answer": {ignoresClose: true, script: `
			do quit
			  sent close 1000 "" now
			wait 1m
			do quit
			  abort 1001 ""
			  end
		`},
		"from outside, while the input's end is confirmed": {ignoresClose: true, script: `
			eof
			  sent close 1000 ""
			do quit
			  abort 1001 ""
			  end
		`},
		"by an interrupt": {ending: Ending{CloseCode: 3000}, script: `
			do interrupt
			  sent close 1001 "" now
			  end: interrupted
		`},
		"by an interrupt, with a server that does not answer": {ignoresClose: true, script: `
			do interrupt
			  sent close 1001 "" now
			wait 1799ms
			wait 1ms
			  end: interrupted
		`},
		"when the reader has gone": {script: `
			do output gone
			  abort 1001 ""
			  end
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{Config: Config{Ending: c.ending}, NotTyped: true, IgnoresClose: c.ignoresClose, Actions: endings()}.run(t, c.script)
		})
	}
}

func queryOf(t *testing.T, text string) *render.Query {
	t.Helper()
	query, err := render.NewQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return query
}

// TestEndingBeforeTheSession: what ends connecting determines the error.
func TestEndingBeforeTheSession(t *testing.T) {
	refused, interrupted := errors.New("refused"), errors.New("interrupted")
	for _, c := range []struct{ cause, want error }{{nil, refused}, {interrupted, interrupted}, {ErrOutputClosed, nil}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		r := New(Config{Output: noOutput(t), Dial: func(context.Context, client.Handler) (Session, error) {
			if c.cause != nil {
				cancel(c.cause)
			}
			return nil, refused
		}})
		if r.Quit() {
			t.Error("there is a session to close before it is open")
		}
		if err := r.Run(ctx); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%v, want %v", err, c.want)
		}
		if r.Stats() != (client.Stats{}) || r.Summary() != (client.Summary{}) {
			t.Error("a session that was not opened has counters")
		}
		r.RetryNow()
		cancel(nil)
	}
}

// TestQuitOnceAnnounced: from the moment at which the user learns that there is a session, Quit closes it.
func TestQuitOnceAnnounced(t *testing.T) {
	for _, row := range []struct {
		name   string
		opened bool
		event  client.Event
	}{
		{"connected", false, client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{URL: "ws://example.com/"}}},
		{"listening", false, client.Event{Kind: client.KindListening, Detail: &client.Listening{URL: "ws://127.0.0.1:1/"}}},
		{"of another process", true, client.Event{}},
	} {
		r := New(Config{Output: noOutput(t), Opened: row.opened})
		if row.event.Kind != 0 {
			if err := r.receiver.Handle(row.event); err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
		}
		if !r.Quit() {
			t.Errorf("%s: there is no session to close", row.name)
		}
	}
}

// TestQuitWhileConnecting: a session that was to be closed before it was open is closed as soon as it is.
func TestQuitWhileConnecting(t *testing.T) {
	scripted{Prepare: func(r *REPL) { r.Quit() }}.run(t, `
		  sent close 1000 "" now
		  end
		> not sent
	`)
}

// TestTimeLimit: the end of the time for the whole run does not wait for messages that still arrive.
func TestTimeLimit(t *testing.T) {
	scripted{NotTyped: true, Limit: time.Minute}.run(t, `
		wait 1m
		  abort 1000 ""
		  end: context deadline exceeded
	`)
}

// sharedScript is a session that other processes use as well.
type sharedScript struct{ *scriptedSession }

func (s sharedScript) CloseAll(code int, reason string) error {
	if code == 1005 {
		return errors.New("no such code")
	}
	return s.Close(code, "for all: "+reason)
}

// TestCloseSharedSession: /close closes a shared session for all, /quit only for this process.
func TestCloseSharedSession(t *testing.T) {
	for name, script := range map[string]string{
		"/close": `
			> /close 1005
			  note: error: no such code
			> /close 4000 bye
			  sent close 4000 "for all: bye"
			  end
		`,
		"/quit": `
			> /quit
			  sent close 1000 ""
			  end
		`,
	} {
		t.Run(name, func(t *testing.T) {
			s := scripted{}
			s.Prepare = func(r *REPL) {
				dial := r.Dial
				r.Dial = func(ctx context.Context, handler client.Handler) (Session, error) {
					session, err := dial(ctx, handler)
					return sharedScript{session.(*scriptedSession)}, err
				}
			}
			s.run(t, script)
		})
	}
}

// TestErrorKinds: the kind of the error event, which determines the exit code.
func TestErrorKinds(t *testing.T) {
	for _, c := range []struct {
		err  interface{ Kind() string }
		want string
	}{
		{&RuleError{}, "usage"}, {&UnmetError{}, "timeout"}, {&ReplyError{}, "close"}, {&NotLoggedInError{}, "handshake"}, {&StatusError{}, "io"},
	} {
		if got := c.err.Kind(); got != c.want {
			t.Errorf("%T: %s, want %s", c.err, got, c.want)
		}
	}
}

// TestResult: of several errors, Run returns one.
func TestResult(t *testing.T) {
	lost, refused, gone := &client.LostError{URL: "ws://h/", Err: io.EOF}, errors.New("line 3"), ErrOutputClosed
	unconfirmed := &client.UnconfirmedError{URL: "ws://h/", Count: 3}
	for _, c := range []struct {
		name                   string
		cause, received, sent  error
		met                    bool
		count, receivedAlready int
		want                   error
	}{
		{name: "well"},
		{name: "lost", received: lost, want: lost},
		{name: "a bad line, then lost", received: lost, sent: refused, want: refused},
		{name: "interrupted", cause: io.ErrClosedPipe, received: lost, sent: refused, want: io.ErrClosedPipe},
		{name: "met, then lost", met: true, received: lost},
		{name: "met, with messages unconfirmed", met: true, received: unconfirmed, want: unconfirmed},
		{name: "the reader has gone", received: gone, sent: refused},
		{name: "the reader has gone, which interrupts", cause: gone, received: lost},
		{name: "not enough", count: 3, receivedAlready: 2, want: &UnmetError{"wait for 3 messages: the session ended after 2"}},
		{name: "enough", count: 3, receivedAlready: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			r := New(Config{Ending: Ending{Count: c.count}, Output: noOutput(t)})
			r.done.Store(c.met)
			r.received.Store(int64(c.receivedAlready))
			if c.cause != nil {
				cancel(c.cause)
			}
			got := r.result(ctx, c.received, c.sent)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestResultOfVerb: the answer to the one verb decides how the session ended, whatever the server has done since.
func TestResultOfVerb(t *testing.T) {
	lost, closed := &client.LostError{URL: "ws://h/", Err: io.EOF}, &client.CloseError{URL: "ws://h/", Code: 4400, Reason: "x"}
	unconfirmed := &client.UnconfirmedError{URL: "ws://h/", Count: 3}
	reply := &dialect.Event{Kind: dialect.KindReply, Call: firstCall}
	live := &dialect.Event{Kind: dialect.KindReply, Call: firstCall, Live: true}
	item := &dialect.Event{Kind: dialect.KindItem, Call: firstCall}
	done := &dialect.Event{Kind: dialect.KindDone, Call: firstCall}
	failed := &dialect.Event{Kind: dialect.KindError, Call: firstCall, Name: "add", Raw: []byte("no")}
	failure := &ReplyError{"add", string(failed.Text())}
	for _, c := range []struct {
		name            string
		event           *dialect.Event // received last; nil = none
		unanswered      bool           // the verb was sent, and no reply is expected
		everything      bool
		cause, received error
		count           int
		want            error
	}{
		{name: "a reply, then lost", event: reply, received: lost},
		{name: "a reply, then a Close", event: reply, received: closed},
		{name: "the end of a subscription, then lost", event: done, received: lost},
		{name: "an error, then lost", event: failed, received: lost, want: failure},
		{name: "an error, then a Close", event: failed, received: closed, want: failure},
		{name: "an error, then a Close that is none", event: failed, want: failure},
		{name: "a reply, then interrupted", event: reply, cause: io.ErrClosedPipe, received: lost, want: io.ErrClosedPipe},
		{name: "a reply, with messages unconfirmed", event: reply, received: unconfirmed, want: unconfirmed},
		{name: "a reply, not enough, then lost", event: reply, received: lost, count: 2, want: &UnmetError{"wait for 2 messages: the session ended after 0"}},
		{name: "a reply, then more is wanted, then lost", event: reply, everything: true, received: lost, want: lost},
		{name: "an error, then more is wanted, then lost", event: failed, everything: true, received: lost, want: failure},
		{name: "subscribed, then lost", event: live, received: lost, want: lost},
		{name: "an item, then lost", event: item, received: lost, want: lost},
		{name: "sent, then lost", unanswered: true, received: lost, want: lost},
		{name: "sent, then a Close", unanswered: true, received: closed, want: closed},
		{name: "lost", received: lost, want: lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			d := &Dialect{State: stateOf(t, lineDialect, nil), Verb: []string{"call", "add"}, Everything: c.everything}
			d.State.Open(time.Now(), "", "ws://h/")
			r := New(Config{Dialect: d, Ending: Ending{Count: c.count}, Output: noOutput(t)})
			if c.event != nil {
				d.noteReply(c.event)
			}
			if c.unanswered {
				d.endUnanswered([]dialect.Started{{Call: firstCall}})
			}
			if c.cause != nil {
				cancel(c.cause)
			}
			got := r.result(ctx, c.received, nil) // the sender stops without an error if it sees the end of the session first
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}
