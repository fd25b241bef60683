package repl

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/client/accept"
	"wsx/dialect"
	"wsx/repl/input"
	"wsx/repl/render"
)

// testDialect is a protocol that uses most features of dialects.
const testDialect = `name test "Test: a protocol for tests"
option user=secret-user secret "the name that logs in"
open send({login: $opt.user})
every "10s" => send({beat: true})
on .ready => ready
on .refused != null => refused(.refused)
on .answer != null => reply(.id; .answer)
on .failed != null => failure(.id; .failed)
on .item != null => item(.id; .item)
on .done => done(.id)
on .event != null => event(.event; .data)
on .several != null => (.several[] | event("each"; .))
on .ask != null => send({answer: .ask}), quiet
on .out != null => output(.out)
on .err != null => errors(.err)
on .exit != null => exit(.exit)
on .close != null => close(.close; "as the protocol says")
on .binary != null => send({base64: .binary}), quiet
verb call METHOD [ARG...] "call a method" => send({id: "\($id)", call: .METHOD, args: .ARG}), await("\($id)")
verb watch TOPIC "watch a topic" => send({id: "\($id)", watch: .TOPIC}), live("\($id)")
verb tell TEXT "send a text" => send({tell: .TEXT})
bye send({bye: true})
retry .code != 4001
`

// lineDialect has a verb for lines, one for the bytes and one for the end of standard input, and no login.
const lineDialect = `name lines "Lines: what a program reads"
on .out != null => output(.out)
on .err != null => errors(.err)
on .exit != null => exit(.exit)
verb line [TEXT] "a line" => send({line: .TEXT})
verb input DATA "bytes" => send({bytes: .DATA})
verb end "the end" => send({end: true})
verb size N "a size" => send({size: .N})
`

// stateOf starts a dialect.
func stateOf(t *testing.T, source string, options map[string]string) *dialect.State {
	t.Helper()
	d, err := dialect.Parse("test.dialect", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	state, err := d.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestDialectAtThePrompt: verbs are commands, and messages are shown as what they mean.
func TestDialectAtThePrompt(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		script string
	}{
		"verbs wait for the login": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			> /call add 2 '3 4'
			> /tell hello
			< {"ready": true}
			  sent reply text "{\"args\":[\"2\",\"3 4\"],\"call\":\"add\",\"id\":\"1\"}"
			  sent reply text "{\"tell\":\"hello\"}"
			< {"id": "1", "answer": 5}
			  out: 5
			> /call
			  note: error: call without METHOD
			  note: hint: call METHOD [ARG...]
			> /call 'x
			  note: error: missing closing '
			> /help call
			  note: /call METHOD [ARG...]        call a method
			> /nothing
			  note: error: unknown command /nothing: /help lists them, //nothing sends it as a message
			> {"as": "it is"}
			  sent text "{\"as\": \"it is\"}"
		`},
		"meanings": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			< {"event": "news", "data": {"a": 1}}
			  out: {"a":1}
			< {"several": [1, 2]}
			  out: 1
			  out: 2
			< {"unknown": true}
			  out: {"unknown": true}
			< not JSON
			  out: not JSON
			< {"ask": 7}
			  sent reply text "{\"answer\":7}"
			< {"binary": "AAEC"}
			  sent reply binary "\x00\x01\x02"
			< {"out": "output\n"}
			  out: output
			< {"err": "errors\n"}
			  note: errors
			<first {"event": "in fr
			<next agments", "da
			<last ta": 2}
			  out: 2
			<0x 7b7d
			  out: {}
		`},
		"a heartbeat": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			wait 10s
			  sent reply text "{\"beat\":true}"
			wait 9999ms
			wait 1ms
			  sent reply text "{\"beat\":true}"
		`},
		"a server that does not read": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			do block
			> /tell a
			< {"ask": 1}
			< {"event": "news", "data": "b"}
			  out: b
			< {"ask": 2}
			wait 10s
			< {"event": "news", "data": "c"}
			  out: c
			do unblock
			  sent reply text "{\"tell\":\"a\"}"
			  sent reply text "{\"answer\":1}"
			  sent reply text "{\"answer\":2}"
			  sent reply text "{\"beat\":true}"
			eof
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"a login that is refused": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			> /tell hello
			< {"refused": "no such user secret-user"}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 "" now
			  end: test: login refused: no such user secret-user
		`},
		"a Close before the login": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ask": 1}
			  sent reply text "{\"answer\":1}"
			do close for a reason of its own
			  end: test: login refused: session with ws://h/: the server closed with 4003: log in first
		`},
		"an end before the login, with verbs that wait": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			> /tell hello
			> /tell hello
			<end
			  end: test: the session ended before the login was complete; 2 verbs were not sent
		`},
		"an end before the login, with one verb that waits": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			> /tell hello
			<end
			  end: test: the session ended before the login was complete; 1 verb was not sent
		`},
		"the protocol closes": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"close": 4000}
			  sent close 4000 "as the protocol says" now
			  end
		`},
		"the remote program fails": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"out": "almost"}
			  out: almost
			< {"exit": 3}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 "" now
			  end: the remote program ended with exit code 3
		`},
		"the remote program ends": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"exit": 0}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 "" now
			  end
		`},
		"another dialect": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			> /as off
			< {"event": "news", "data": 1}
			  out: {"event": "news", "data": 1}
			> /tell x
			  note: error: unknown command /tell: did you mean /help? //tell sends it as a message
			> /as lines
			> hello
			  sent reply text "{\"line\":\"hello\"}"
			> /size 3
			  sent reply text "{\"size\":\"3\"}"
			< {"out": "output"}
			  out: output
			> /as nothing
			  note: error: no such dialect
			> /as
			  note: error: /as NAME|off: wrong or missing argument
			wait 1m
			> /quit
			  sent close 1000 ""
			  end
		`},
		"rules": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			> /on ^news (.*)$ => got $1
			> /on ^"?(\w+)"?$ => got $1
			< {"event": "news", "data": "word"}
			  sent reply text "got word"
			  out: word
		`},
		"expecting": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			> /expect two
			< {"event": "news", "data": "one"}
			  out: one
			< {"event": "news", "data": "two"}
			  out: two
			> hello
			  sent text "hello"
		`},
		"Ctrl-D": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			eof
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"the connection is lost and found": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			do lose
			  note: * reconnecting in 1s (attempt 1): gone
			> /tell later
			do reconnect
			  sent reply text "{\"login\":\"secret-user\"}"
			  note: * connected to ws://h/ (HTTP/1.1)
			< {"ready": true}
			  sent reply text "{\"tell\":\"later\"}"
		`},
		"lines": {lineDialect, `
			> hello
			  sent reply text "{\"line\":\"hello\"}"
			> size 3
			  sent reply text "{\"line\":\"size 3\"}"
			> /size 3
			  sent reply text "{\"size\":\"3\"}"
			< {"out": "text\n"}
			  out: text
			< {"err": "text\n"}
			  note: text
			eof
			  sent reply text "{\"end\":true}"
			  sent close 1000 ""
			  end
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{
				Config: Config{
					Dialect: &Dialect{State: stateOf(t, c.source, nil)},
					OpenDialect: func(name string) (*Dialect, error) {
						if name != "lines" {
							return nil, errors.New("no such dialect")
						}
						return &Dialect{State: stateOf(t, lineDialect, nil)}, nil
					},
				},
				View:    View{Translates: true, Format: "raw"},
				Actions: connActions(),
			}.run(t, c.script)
		})
	}
}

// TestDialectRetries: after a Close the dialect decides whether another connection is tried.
func TestDialectRetries(t *testing.T) {
	for name, script := range map[string]string{
		"yes": `
			  sent reply text "{\"login\":\"secret-user\"}"
			<close 4000 try again
			  note: * disconnected by the server: 4000 application-defined: try again
		`,
		"no": `
			  sent reply text "{\"login\":\"secret-user\"}"
			<close 4001 do not
			  sent close 1000 "" now
			  note: * disconnected by the server: 4001 application-defined: do not
		`,
	} {
		t.Run(name, func(t *testing.T) {
			s := scripted{Config: Config{Dialect: &Dialect{State: stateOf(t, testDialect, nil)}}, IgnoresClose: true}
			s.Options.Reconnect = true
			s.run(t, script)
		})
	}
}

// TestQuitWithoutConnection: the closing messages of a dialect do not wait for the next connection.
func TestQuitWithoutConnection(t *testing.T) {
	s := scripted{Config: Config{Dialect: &Dialect{State: stateOf(t, testDialect, nil)}}, Stats: client.Stats{Connections: 1}}
	s.run(t, `
		  sent reply text "{\"login\":\"secret-user\"}"
		> /quit
		  sent close 1000 "" now
		  end
	`)
}

// TestOneVerb: a session for one verb ends with its reply.
func TestOneVerb(t *testing.T) {
	for name, c := range map[string]struct {
		verb    []string
		dialect *Dialect
		ending  Ending
		script  string
	}{
		"a reply": {verb: []string{"call", "add", "2", "3"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[\"2\",\"3\"],\"call\":\"add\",\"id\":\"1\"}"
			< {"event": "news", "data": 1}
			< {"id": "7", "answer": "of another"}
			< {"id": "1", "answer": 5}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  out: 5
			  end
		`},
		"an error": {verb: []string{"call", "add"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[],\"call\":\"add\",\"id\":\"1\"}"
			< {"id": "1", "failed": "no such method"}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: add: no such method
		`},
		"no reply": {verb: []string{"call", "add"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[],\"call\":\"add\",\"id\":\"1\"}"
			wait 4999ms
			wait 1ms
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: call: no reply within 5s
		`},
		"no answer to the login, with more time": {verb: []string{"call", "add"}, dialect: &Dialect{Timeout: 15 * time.Second}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			wait 14999ms
			  sent reply text "{\"beat\":true}"
			wait 1ms
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: call: no answer to the login within 15s
		`},
		"a close before the reply": {verb: []string{"call", "add"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[],\"call\":\"add\",\"id\":\"1\"}"
			<end
			  end: call: the server closed before the reply
		`},
		"a Close that is an error, before the reply": {verb: []string{"call", "add"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[],\"call\":\"add\",\"id\":\"1\"}"
			do close
			  end: session with ws://h/: the server closed with 1011: broken
		`},
		"no such verb": {verb: []string{"nothing"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: test has no verb "nothing"
		`},
		"wrong words": {verb: []string{"watch"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: watch without TOPIC
		`},
		"a verb without a reply": {verb: []string{"tell", "@@x"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"tell\":\"@x\"}"
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"a file": {verb: []string{"tell", "@name"}, dialect: &Dialect{Read: func(name string) ([]byte, error) { return []byte("content of " + name), nil }}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"tell\":\"content of name\"}"
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"a file that cannot be read": {verb: []string{"tell", "@name"}, dialect: &Dialect{Read: func(name string) ([]byte, error) { return nil, errors.New("no file " + name) }}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: no file name
		`},
		"a subscription": {verb: []string{"watch", "news"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"id\":\"1\",\"watch\":\"news\"}"
			< {"id": "1", "item": 1}
			  out: 1
			wait 6s
			< {"id": "1", "item": 2}
			  out: 2
			< {"id": "1", "done": true}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"a subscription that is closed": {verb: []string{"watch", "news"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"id\":\"1\",\"watch\":\"news\"}"
			< {"id": "1", "item": 1}
			  out: 1
			<end
			  end
		`},
		"a subscription, some of it": {verb: []string{"watch", "news"}, ending: Ending{Count: 2}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"id\":\"1\",\"watch\":\"news\"}"
			< {"id": "1", "item": 1}
			  out: 1
			< {"id": "1", "item": 2}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 "" now
			  out: 2
			  end
		`},
		"everything": {verb: []string{"call", "add"}, dialect: &Dialect{Everything: true}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			  sent reply text "{\"args\":[],\"call\":\"add\",\"id\":\"1\"}"
			< {"event": "news", "data": 1}
			  out: 1
			< {"id": "1", "answer": 5}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  out: 5
			  end
		`},
		"a login that is refused": {verb: []string{"call", "add"}, script: `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"refused": "no"}
			  sent reply text "{\"bye\":true}"
			  sent close 1000 "" now
			  end: test: login refused: no
		`},
	} {
		t.Run(name, func(t *testing.T) {
			d := cmp.Or(c.dialect, &Dialect{})
			d.State, d.Verb = stateOf(t, testDialect, nil), c.verb
			scripted{
				Config: Config{Dialect: d, Ending: c.ending}, View: View{Translates: true, Format: "raw"}, NotTyped: true, Actions: connActions(),
			}.run(t, c.script)
		})
	}
}

// TestPipedVerbs: in a pipe a line may begin with a verb; any other line is a message, or an argument of the verb for lines.
func TestPipedVerbs(t *testing.T) {
	line := func(l input.Line) func(*scriptRun) { return func(p *scriptRun) { p.source.read(l) } }
	for name, c := range map[string]struct{ source, script string }{
		"verbs": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			> tell hello
			> {"a": "message"}
			  sent text "{\"a\": \"message\"}"
			do use
			< {"ready": true}
			  sent reply text "{\"tell\":\"hello\"}"
			  sent reply text "{\"tell\":\"@x\"}"
			do binary
			  sent binary "bytes"
			do as it is
			  sent text "tell hello"
			do part
			  sent text first "tell"
			do last part
			  sent text last " hello"
			eof
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end
		`},
		"a bad verb": {testDialect, `
			  sent reply text "{\"login\":\"secret-user\"}"
			< {"ready": true}
			> call 'x
			  sent reply text "{\"bye\":true}"
			  sent close 1000 ""
			  end: standard input: line 1: missing closing '
		`},
		"lines": {lineDialect, `
			> hello
			  sent reply text "{\"line\":\"hello\"}"
			>
			  sent reply text "{\"line\":\"\"}"
			> size 3
			  sent reply text "{\"size\":\"3\"}"
			do binary
			  sent reply text "{\"bytes\":\"bytes\"}"
			eof
			  sent reply text "{\"end\":true}"
			  sent close 1000 ""
			  end
		`},
	} {
		t.Run(name, func(t *testing.T) {
			actions := map[string]func(*scriptRun){
				"use":       line(input.Line{Action: input.Use, Verb: "tell", Words: []dialect.Word{{Text: "@x", Quoted: true}}}),
				"binary":    line(input.Line{Type: client.Binary, Data: []byte("bytes")}),
				"as it is":  line(input.Line{Type: client.Text, Data: []byte("tell hello"), AsIs: true}),
				"part":      line(input.Line{Type: client.Text, Data: []byte("tell"), Partial: true}),
				"last part": line(input.Line{Type: client.Text, Data: []byte(" hello")}),
			}
			scripted{
				Config: Config{Dialect: &Dialect{State: stateOf(t, c.source, nil)}}, View: View{Translates: true, Format: "raw"}, NotTyped: true, Actions: actions,
			}.run(t, c.script)
		})
	}
}

// TestRemoteDialect: another process translates the session. It gets the verbs, and its messages have their translations.
func TestRemoteDialect(t *testing.T) {
	translated := func(e dialect.Event) func(*scriptRun) {
		return func(p *scriptRun) {
			e.Raw = []byte("raw")
			p.session.emit(client.Event{Kind: client.KindMessage, Type: client.Text, Payload: e.Raw, First: true, Last: true, Detail: render.As{Event: &e}})
		}
	}
	for name, c := range map[string]struct {
		verb   []string
		ending Ending
		script string
	}{
		"lines": {script: `
			> call add 2
			  sent text "call of another process"
			do event
			  out: text
			< of nothing
			  out: of nothing
			do reply
			  out: answer
			eof
			  sent close 1000 ""
			  end
		`},
		"one verb": {verb: []string{"call", "add"}, script: `
			  sent text "call of another process"
			do begin
			do event
			do reply
			  sent close 1000 ""
			  out: answer
			  end
		`},
		"one verb, without a reply": {verb: []string{"call", "add"}, script: `
			  sent text "call of another process"
			do begin without a reply
			  sent close 1000 ""
			  end
		`},
		"counted": {ending: Ending{Count: 2}, script: `
			do event
			  out: text
			do hidden
			do event
			  sent close 1000 "" now
			  out: text
			  end
			do event
		`},
	} {
		t.Run(name, func(t *testing.T) {
			var s scripted
			d := &Dialect{State: stateOf(t, testDialect, nil).Dialect().Remote(), Verb: c.verb}
			s = scripted{
				Config: Config{Dialect: d, Ending: c.ending}, View: View{Translates: true, Format: "raw"}, NotTyped: true,
				Actions: map[string]func(*scriptRun){
					"event":                 translated(dialect.Event{Kind: dialect.KindEvent, Name: "news", Data: "text"}),
					"hidden":                translated(dialect.Event{Kind: dialect.KindProtocol, Data: "beat"}),
					"reply":                 translated(dialect.Event{Kind: dialect.KindReply, ID: "1", Data: "answer", Call: 1}),
					"begin":                 func(*scriptRun) { d.NoteStarted(dialect.Started{Call: 1, Awaited: true}) },
					"begin without a reply": func(*scriptRun) { d.NoteStarted(dialect.Started{Call: 1}) },
				},
			}
			s.Prepare = func(r *REPL) {
				d.Remote = func(verb string, words []dialect.Word) error {
					return r.session.Send(client.Message{Data: []byte(verb + " of another process"), Type: client.Text})
				}
			}
			s.run(t, c.script)
		})
	}
}

// TestRecognize: the first message of a server is compared with the dialects, once.
func TestRecognize(t *testing.T) {
	for name, script := range map[string]string{
		"by the first message": `
			< 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
			  out: 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
			  note: * looks like Socket.IO, so use socketio
			< 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
			  out: 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
		`,
		"not by a later one": `
			< hello
			  out: hello
			< 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
			  out: 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
		`,
	} {
		recognized := func(title, dialect string) string { return "looks like " + title + ", so use " + dialect }
		t.Run(name, func(t *testing.T) { scripted{Config: Config{Recognized: recognized}}.run(t, script) })
	}
}

// TestVerbReports: the process that uses a verb gets the number of the call, and then an event when its messages are sent.
func TestVerbReports(t *testing.T) {
	s := scripted{View: View{Translates: true, Format: "raw"}}
	d := &Dialect{State: stateOf(t, testDialect, nil)}
	s.Dialect = d
	s.Prepare = func(r *REPL) {
		add := func(format string, call int) { r.session.(*scriptedSession).log.add(fmt.Sprintf(format, call)) }
		d.Called = func(call int) { add("called %d", call) }
		d.Started = func(s dialect.Started) { add("sent from here on: verb %d", s.Call) }
	}
	s.run(t, `
		  sent reply text "{\"login\":\"secret-user\"}"
		> /tell a
		  called 1
		> /call
		  note: error: call without METHOD
		  note: hint: call METHOD [ARG...]
		> /call b
		  called 2
		< {"ready": true}
		  sent from here on: verb 1
		  sent from here on: verb 2
		  sent reply text "{\"tell\":\"a\"}"
		  sent reply text "{\"args\":[],\"call\":\"b\",\"id\":\"2\"}"
	`)
}

// TestPanicInTimer: a panic while a timer of a dialect runs is recovered, so that the terminal is restored.
func TestPanicInTimer(t *testing.T) {
	const source = `name test "Test: a timer that completes the login"
every "1s" => ready
verb tell TEXT "send a text" => send({tell: .TEXT})
`
	s := scripted{Config: Config{Dialect: &Dialect{State: stateOf(t, source, nil), Started: func(dialect.Started) { panic("broken") }}}}
	s.Prepare = func(r *REPL) {
		r.Guard = func() {
			if fault := recover(); fault != nil {
				r.session.(*scriptedSession).log.add(fmt.Sprint("recovered: ", fault))
			}
		}
	}
	s.run(t, `
		> /tell hello
		wait 1s
		  recovered: broken
	`)
}

// TestNoDialectForClients: a dialect speaks to a server, not to the clients that connect here.
func TestNoDialectForClients(t *testing.T) {
	output, err := NewOutput(t.Context(), io.Discard, io.Discard, View{Format: "raw"}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	r := New(Config{
		URL: "127.0.0.1:0", Accept: &accept.Options{Stay: true}, Output: output, Slash: true, Interactive: true,
		OpenDialect: func(string) (*Dialect, error) { return &Dialect{State: stateOf(t, testDialect, nil)}, nil },
		Recognized:  func(string, string) string { t.Error("a dialect is recommended"); return "" },
	})
	source := newScriptedLines()
	r.Source = source
	var failure error
	r.Handled = func(line *input.Line, err error) error {
		if strings.HasPrefix(string(line.Data), "/as") {
			failure = err
		}
		return err
	}
	for _, line := range []string{"/as test", "/quit"} {
		source.read(input.Line{Type: client.Text, Data: []byte(line)})
	}
	if err := r.Run(t.Context()); err != nil {
		t.Errorf("run: %v", err)
	}
	if failure == nil || !strings.Contains(failure.Error(), "clients that connect here") {
		t.Errorf("/as: %v", failure)
	}
	if err := r.receiver.handleMessage(&client.Event{Kind: client.KindMessage, Type: client.Text, First: true, Last: true, Payload: []byte(`0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`)}); err != nil {
		t.Error(err)
	}
}
