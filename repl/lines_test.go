package repl

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"wsx/client"
	"wsx/codec"
	"wsx/dialect"
	"wsx/repl/input"
)

// TestPipedLines: what is sent for lines that are piped, and how an error in one ends the session.
func TestPipedLines(t *testing.T) {
	encode := func(text []byte) (codec.Message, error) {
		if string(text) == "bad" {
			return codec.Message{}, errors.New("no such value")
		}
		return codec.Message{Data: append([]byte("enc:"), text...), Text: string(text) == "text"}, nil
	}
	line := func(l input.Line) func(*scriptRun) { return func(p *scriptRun) { p.source.read(l) } }
	for name, c := range map[string]struct {
		config Config
		script string
	}{
		"one after the other": {script: `
			-x first
			  sent text "first"
			> hello
			  sent text "hello"
			>
			  sent text ""
			> /not a command
			  sent text "/not a command"
			eof
			  sent close 1000 ""
			  end
		`},
		"a bad command": {config: Config{Slash: true}, script: `
			> hello
			  sent text "hello"
			> /nothing
			  sent close 1000 ""
			  end: standard input: line 2: unknown command /nothing: /help lists them, //nothing sends it as a message
		`},
		"a bad command, while more messages are waited for": {config: Config{Slash: true, Ending: Ending{Wait: -1, Count: 3}}, script: `
			> hello
			  sent text "hello"
			> /nothing
			wait 900ms
			< answer
			  out: answer
			wait 999ms
			wait 1ms
			  sent close 1000 ""
			  end: standard input: line 2: unknown command /nothing: /help lists them, //nothing sends it as a message
		`},
		"a bad command, while more messages are waited for, which arrive": {config: Config{Slash: true, Ending: Ending{Wait: -1, Count: 1}}, script: `
			> /nothing
			wait 900ms
			< answer
			  sent close 1000 "" now
			  out: answer
			  end
		`},
		"a bad command of -x": {config: Config{Slash: true, Ending: Ending{Wait: time.Second}}, script: `
			-x /nothing
			< answer
			  out: answer
			wait 1s
			  sent close 1000 ""
			  end: send "/nothing": unknown command /nothing: /help lists them, //nothing sends it as a message
		`},
		"a bad command of a named source": {config: Config{Slash: true, Name: "script.txt"}, script: `
			> /wait
			  sent close 1000 ""
			  end: script.txt: line 1: /wait D: wrong or missing argument
		`},
		"commands are quiet": {config: Config{Slash: true}, script: `
			> /trace on
			> /trace
			  note: trace on
			> /rows 3
			> /format
			  note: format raw
			> /quit
			  sent close 1000 ""
			  end
		`},
		"events": {script: `
			do ping
			  sent ping "beat"
			do pong
			  sent pong "beat"
			do pause
			> after the pause
			wait 1s
			  sent text "after the pause"
			do close
			  sent close 4000 "bye"
			  end
		`},
		"a close without a code": {config: Config{Ending: Ending{CloseCode: 3000}}, script: `
			do close without a code
			  sent close 3000 ""
			  end
		`},
		"a verb without a dialect": {script: `
			do use
			  sent close 1000 ""
			  end: standard input: line 1: the session has no application protocol with verbs
		`},
		"fragments": {script: `
			do part
			  sent text first "part"
			do part
			  sent text next "part"
			do last part
			  sent text last "last"
			do framed
			  sent binary first "ab"
			  sent binary last "c"
		`},
		"fragments, with a command's slash": {config: Config{Slash: true}, script: `
			do part
			  sent text first "part"
			> /slash
			  sent text last "/slash"
			> /ping
			  sent ping ""
		`},
		"encoded": {config: Config{Encode: encode}, script: `
			> text
			  sent text "enc:text"
			> x
			  sent binary "enc:x"
			do part
			do last part
			  sent binary "enc:partlast"
			> bad
			  sent close 1000 ""
			  end: standard input: line 5: no such value
		`},
		"encoded, too long": {config: Config{Encode: encode, Options: client.Options{MaxMessage: 7}}, script: `
			do part
			do last part
			  sent close 1000 ""
			  end: standard input: line 2: longer than 7 bytes, the most that can be encoded
		`},
		"in lockstep": {config: Config{Lockstep: true}, script: `
			< early
			  out: early
			> one
			  sent text "one"
			> two
			<first an
			  out: an
			<last swer
			  sent text "two"
			  out: swer
			< answer
			  out: answer
			> three
			  sent text "three"
			eof
			< answer
			  sent close 1000 ""
			  out: answer
			  end
		`},
		"in lockstep, then lost": {config: Config{Lockstep: true}, script: `
			> one
			  sent text "one"
			> two
			<lost
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`},
		"after the session was closed": {config: Config{}, script: `
			<end
			  end
			> too late
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{Config: c.config, NotTyped: true, Actions: map[string]func(*scriptRun){
				"ping":                 line(input.Line{Action: input.Ping, Data: []byte("beat")}),
				"pong":                 line(input.Line{Action: input.Pong, Data: []byte("beat")}),
				"pause":                line(input.Line{Action: input.Wait, Pause: time.Second}),
				"close":                line(input.Line{Action: input.Close, Code: 4000, Data: []byte("bye")}),
				"close without a code": line(input.Line{Action: input.Close, Code: noCode}),
				"use":                  line(input.Line{Action: input.Use, Verb: "call", Words: []dialect.Word{{Text: "x"}}}),
				"part":                 line(input.Line{Type: client.Text, Data: []byte("part"), Partial: true}),
				"last part":            line(input.Line{Type: client.Text, Data: []byte("last")}),
				"framed":               line(input.Line{Type: client.Binary, Data: []byte("abc"), Frame: 2}),
			}}.run(t, c.script)
		})
	}
}

// TestTypedLines: an error in a typed line is shown, and the session continues.
func TestTypedLines(t *testing.T) {
	var handled []string
	scripted{Config: Config{Handled: func(line *input.Line, err error) error {
		handled = append(handled, fmt.Sprintf("%s: %v", line.Data, err))
		return err
	}}}.run(t, `
		> hello
		  sent text "hello"
		> /nothing
		  note: error: unknown command /nothing: /help lists them, //nothing sends it as a message
		>
		  retry now
		-x
		  sent text ""
		> // two slashes
		  sent text "/ two slashes"
		eof
		  sent close 1000 ""
		  end
	`)
	if got, want := fmt.Sprintf("%q", handled), `["hello: <nil>" "/nothing: unknown command /nothing: /help lists them, //nothing sends it as a message" ": <nil>" "/ two slashes: <nil>"]`; got != want {
		t.Errorf("handled %s, want %s", got, want)
	}
}

// TestFlushBeforeWaiting: what was sent is written before the sender waits for anything, also if further lines have been read already.
func TestFlushBeforeWaiting(t *testing.T) {
	twoLines := func(second string) func(*scriptRun) {
		return func(p *scriptRun) {
			p.source.read(input.Line{Type: client.Text, Data: []byte("hello")})
			p.source.read(input.Line{Type: client.Text, Data: []byte(second)})
		}
	}
	scripted{Config: Config{Ending: Ending{Wait: time.Second}}, Actions: map[string]func(*scriptRun){
		"a line and /wait": twoLines("/wait 1s"), "a line and /expect": twoLines("/expect answer"),
	}}.run(t, `
		do a line and /wait
		  sent text "hello"
		wait 1s
		do a line and /expect
		  sent text "hello"
		< answer
		  out: answer
	`)
	scripted{Config: Config{Slash: true, Ending: Ending{Wait: time.Second}}, NotTyped: true, Actions: map[string]func(*scriptRun){
		"a line and a mistake": twoLines("/nothing"),
	}}.run(t, `
		do a line and a mistake
		  sent text "hello"
		wait 1s
		  sent close 1000 ""
		  end: standard input: line 2: unknown command /nothing: /help lists them, //nothing sends it as a message
	`)
}

// TestCancelledCommands: Ctrl-C cancels the running command; the session continues.
func TestCancelledCommands(t *testing.T) {
	cancel := func(want bool) func(*scriptRun) {
		return func(p *scriptRun) {
			if p.repl.CancelCommand() != want {
				p.Errorf("it is cancelled: %v", !want)
			}
		}
	}
	for name, script := range map[string]string{
		"while it runs": `
			> /wait 1h
			> hello
			wait 299ms
			wait 1ms
			  status: /wait 1h ... 0.3 s; Ctrl-C cancels it
			wait 100ms
			  status: /wait 1h ... 0.4 s; Ctrl-C cancels it
			do cancel
			  sent text "hello"
			  note: cancelled
			  status:
			  status:
			< message
			  out: message
		`,
		"while it waits for a message": `
			> /expect never
			do cancel
			  note: cancelled
			  status:
			> /expect
			< message
			  out: message
			  status:
		`,
		"while it cannot be cancelled": `
			do block
			> /text x
			do cancel
			do cancel nothing
			do unblock
			  sent text "x"
			  note: cancelled
			  status:
			> /text y
			  sent text "y"
			  status:
		`,
		"after the last line": `
			eof
			  sent close 1000 ""
			  end
			do cancel nothing
		`,
		"when nothing runs": `
			> x
			  sent text "x"
			  status:
			do cancel
			wait 249ms
			wait 2ms
			  sent close 1000 "" now
			  end
		`,
		"when nothing runs, before the next line": `
			> x
			  sent text "x"
			  status:
			do cancel
			> /wait 1h
			  note: cancelled
			  status:
			wait 1h
		`,
		"a loss while it runs": `
			> /wait 1h
			<lost
			  note: * session with ws://h/: connection lost: the stream ended in the middle of a message; Enter reconnects, /quit ends
			  status:
			eof
			  end: session with ws://h/: connection lost: the stream ended in the middle of a message
		`,
		"the session's end while it runs": `
			> /wait 1h
			<end
			  status:
			  end
		`,
		"an answer while it runs": `
			> /wait 450ms
			< message
			  out: message
			wait 450ms
			  status: /wait 450ms ... 0.3 s; Ctrl-C cancels it
			  status: /wait 450ms ... 0.4 s; Ctrl-C cancels it
			  status:
			> x
			  sent text "x"
			  status:
		`,
	} {
		t.Run(name, func(t *testing.T) {
			scripted{Row: true, Actions: map[string]func(*scriptRun){
				"cancel": cancel(true), "cancel nothing": cancel(false),
				"block":   func(p *scriptRun) { p.session.block() },
				"unblock": func(p *scriptRun) { p.session.unblock() },
			}}.run(t, script)
		})
	}
}

// TestEcho: each message is answered with itself, in the same fragments.
func TestEcho(t *testing.T) {
	scripted{Config: Config{Echo: true}, NotTyped: true}.run(t, `
		< text
		  sent reply text "text"
		  out: text
		<0x 4142
		  sent reply binary "AB"
		  out: AB
		<first in
		  sent reply text first "in"
		  out: in
		<next two
		  sent reply text next "two"
		  out: two
		<last three
		  sent reply text last "three"
		  out: three
		<end
		  end
	`)
}

// bulkLines is a source in which every line is a message.
type bulkLines struct {
	*scriptedLines
	rest [][]byte
}

func (b *bulkLines) Type() client.Type { return client.Text }

func (b *bulkLines) Rest() iter.Seq[[]byte] {
	rest := b.rest
	b.rest = nil
	return slices.Values(rest)
}

// TestBulk: lines that are available at once are sent together if each is sent as it is.
func TestBulk(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		script string
	}{
		"at once": {Config{}, `
			> first
			  sent text "first"
			  sent text "second"
			  sent text "third"
			eof
			  sent close 1000 ""
			  end
		`},
		"one by one": {Config{LineEnd: "lf"}, `
			> first
			  sent text "first\n"
			eof
			  sent close 1000 ""
			  end
		`},
	} {
		t.Run(name, func(t *testing.T) {
			s := scripted{Config: c.config, NotTyped: true}
			s.Prepare = func(r *REPL) {
				r.Source = &bulkLines{r.Source.(*scriptedLines), [][]byte{[]byte("second"), []byte("third")}}
			}
			s.run(t, c.script)
		})
	}
}
