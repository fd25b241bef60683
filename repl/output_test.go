package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/codec"
	"wsx/repl/render"
)

// sentMessage reports a message that was sent, as with Options.ReportSent.
func sentMessage(text string) func(*scriptRun) {
	return func(p *scriptRun) {
		p.session.emit(client.Event{Kind: client.KindMessage, Dir: client.Out, Type: client.Text, Payload: []byte(text), First: true, Last: true})
	}
}

// TestRecording: a recording has every event, whatever is shown, from the handshake on.
func TestRecording(t *testing.T) {
	t.Chdir(t.TempDir())
	scripted{
		Config: Config{Options: client.Options{ReportSent: true}}, View: View{Grep: "shown"},
		Actions: map[string]func(*scriptRun){
			"sent": sentMessage("hello"),
			"read": func(p *scriptRun) {
				text, err := os.ReadFile("session.json")
				if err != nil {
					p.Fatal(err)
				}
				for line := range strings.Lines(string(text)) {
					p.log.add(strings.TrimSuffix(line, "\n"))
				}
			},
		},
	}.run(t, `
		> /record
		  note: record off
		> /record session.json
		  note: record session.json
		> /record
		  note: record session.json
		< not in the output
		do sent
		<0x 00ff
		<ping beat
		do read
		  {"v":1,"time":"2000-01-01T00:00:00.000000000Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101,"subprotocol":"","extensions":"","headers":{}}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"in","type":"text","bytes":17,"data":"not in the output"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"out","type":"text","bytes":5,"data":"hello"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"in","type":"binary","bytes":2,"data":"AP8=","encoding":"base64"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"ping","dir":"in","bytes":4,"data":"beat"}
		> /info
		  note: url          ws://h/
		  note: http         HTTP/1.1 101
		  note: format       raw
		  note: grep         shown
		  note: record       session.json
		> /record off
		  note: record off
		> /record
		  note: record off
		< too late
		do read
		  {"v":1,"time":"2000-01-01T00:00:00.000000000Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101,"subprotocol":"","extensions":"","headers":{}}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"in","type":"text","bytes":17,"data":"not in the output"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"out","type":"text","bytes":5,"data":"hello"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"in","type":"binary","bytes":2,"data":"AP8=","encoding":"base64"}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"ping","dir":"in","bytes":4,"data":"beat"}
		> /record session.json
		  note: record session.json
		< in an empty file
		do read
		  {"v":1,"time":"2000-01-01T00:00:00.000000000Z","event":"open","url":"ws://h/","http":"HTTP/1.1","status":101,"subprotocol":"","extensions":"","headers":{}}
		  {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"in","type":"text","bytes":16,"data":"in an empty file"}
		> /record missing/session.json
		  note: error: record to missing/session.json: no such file or directory
		> /record
		  note: record session.json
		> /record off
		  note: record off
	`)
	if info, err := os.Stat("session.json"); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestRecordingThatFails: at a prompt the session continues without the recording; otherwise it ends.
func TestRecordingThatFails(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil || runtime.GOOS == "windows" { // where Wine has the device, and words of its own
		t.Skip("no device that is full")
	}
	for name, c := range map[string]struct {
		typed  bool
		script string
	}{
		"at a prompt": {true, `
			< hello
			  out: hello
			  note: error: record to /dev/full: no space left on device
			< hello again
			  out: hello again
			> /record
			  note: record off
		`},
		"in a pipe": {false, `
			< hello
			  out: hello
			  end: record to /dev/full: no space left on device
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{NotTyped: !c.typed, Config: Config{Options: client.Options{ReportSent: true}}, Prepare: func(r *REPL) {
				if c.typed {
					r.Output.ContinueOnError()
				}
				if err := r.Output.Record(context.Background(), full, false, nil); err != nil {
					t.Fatal(err)
				}
			}}.run(t, c.script)
		})
	}
}

// failingWriter fails from the first write on.
type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// TestOutputThatFails: a closed output pipe ends the session without an error; any other error is returned.
func TestOutputThatFails(t *testing.T) {
	noSpace, closedPipe := errors.New("no space left"), syscall.EPIPE
	if runtime.GOOS == "windows" {
		closedPipe = 109 // ERROR_BROKEN_PIPE
	}
	message := &client.Event{Kind: client.KindMessage, Type: client.Text, Payload: []byte("hello"), First: true, Last: true}
	for name, c := range map[string]struct {
		err, want error
	}{
		"the reader has gone": {&os.PathError{Op: "write", Path: "|1", Err: closedPipe}, ErrOutputClosed},
		"the disk is full":    {noSpace, &OutputError{noSpace}},
	} {
		t.Run(name, func(t *testing.T) {
			var notes bytes.Buffer
			output, err := NewOutput(t.Context(), failingWriter{c.err}, &notes, View{Format: "raw"}, &render.Notes{})
			if err != nil {
				t.Fatal(err)
			}
			if err := output.Show(message); err != nil {
				t.Errorf("it is written before the flush: %v", err)
			}
			if err := output.Status("* a note"); errorText(err) != errorText(c.want) {
				t.Errorf("a note: %v, want %v", err, c.want)
			}
			if notes.String() != "* a note\n" {
				t.Errorf("the note is lost: %q", notes.String())
			}
			if err := output.Flush(); errorText(err) != errorText(c.want) {
				t.Errorf("the flush: %v, want %v", err, c.want)
			}
			if err := output.Flush(); errorText(err) != errorText(c.want) || errors.Is(c.want, noSpace) && !errors.Is(err, noSpace) {
				t.Errorf("the next flush: %v, want %v", err, c.want)
			}
		})
	}
	output, err := NewOutput(t.Context(), io.Discard, failingWriter{noSpace}, View{Format: "raw"}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	if err := output.Status("* a note"); !errors.Is(err, noSpace) {
		t.Errorf("a note that cannot be written: %v", err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestBrokenOutputEndsSession: an output error ends the session, also if messages are shown in batches.
func TestBrokenOutputEndsSession(t *testing.T) {
	for _, err := range []error{syscall.EPIPE, errors.New("no space left")} {
		for _, ending := range []Ending{{}, {Count: 2}} {
			synctest.Test(t, func(t *testing.T) {
				output, newErr := NewOutput(t.Context(), failingWriter{err}, io.Discard, View{Format: "raw"}, &render.Notes{})
				if newErr != nil {
					t.Fatal(newErr)
				}
				session := &scriptedSession{log: &scriptLog{}, events: make(chan func() error, 100), ended: make(chan error, 1)}
				r := New(Config{Output: output, Ending: ending, Source: newScriptedLines(), Dial: func(_ context.Context, handler client.Handler) (Session, error) {
					session.handler = handler
					return session, nil
				}})
				session.emit(client.Event{Kind: client.KindMessage, Type: client.Text, Payload: []byte("hello"), First: true, Last: true})
				got := r.Run(t.Context())
				if want := outputError(err); want == ErrOutputClosed && got != nil || want != ErrOutputClosed && errorText(got) != errorText(want) {
					t.Errorf("%v: the session ended with %v", err, got)
				}
			})
		}
	}
}

// TestRedact: secrets are hidden wherever what we sent, the handshake and errors are shown, also escaped ones, the longest first.
func TestRedact(t *testing.T) {
	secrets := []string{"hunter2", "hunter2000", `a"b&c`}
	handshake := func(p *scriptRun) {
		p.session.emit(client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{
			URL: "ws://h/?key=hunter2", HTTP: "HTTP/1.1", Status: 101, Header: http.Header{"X-Key": {"hunter2000"}},
			Request: []string{"GET /?key=a%22b%26c HTTP/1.1", "X-Key: hunter2"}, Response: []string{"HTTP/1.1 101", "X-Key: hunter2000"},
		}})
	}
	failure := func(p *scriptRun) {
		p.repl.Output.End(errors.New("no user hunter2"), &render.End{Summary: client.Summary{Code: 1000}})
	}
	retry := func(p *scriptRun) {
		p.session.emit(client.Event{Kind: client.KindRetry, Detail: &client.Attempt{After: time.Second, Attempt: 2, Err: errors.New("no user hunter2000")}})
	}
	for name, c := range map[string]struct {
		view   View
		script string
	}{
		"hidden": {View{Options: render.Options{Sent: true}}, `
			do open
			  note: > GET /?key=[redacted] HTTP/1.1
			  note: > X-Key: [redacted]
			  note: < HTTP/1.1 101
			  note: < X-Key: [redacted]
			  note: * connected to ws://h/?key=[redacted] (HTTP/1.1)
			do sent
			  out: [redacted] [redacted] [redacted] [redacted]
			do sent JSON
			  out: {"password":"[redacted]","id":"[redacted]"}
			do sent plain JSON
			  out: {"password":"[redacted]"}
			< the server may say hunter2
			  out: the server may say hunter2
			> /grep hunter2
			  note: grep [redacted]
			> /grep off
			  note: grep off
			> /hunter2
			  note: error: unknown command /[redacted]: /help lists them, //[redacted] sends it as a message
			do retry
			  note: * reconnecting in 1s (attempt 2): no user [redacted]
			do fail
			  note: wsx: no user [redacted]
			  note: * 0 sent, 0 received
		`},
		"hidden in JSON": {View{Format: "json", Options: render.Options{Sent: true}}, `
			do open
			  out: {"v":1,"time":"2000-01-01T00:00:00.000000000Z","event":"open","url":"ws://h/?key=[redacted]","http":"HTTP/1.1","status":101,"subprotocol":"","extensions":"","headers":{"X-Key":["[redacted]"]},"request":["GET /?key=[redacted] HTTP/1.1","X-Key: [redacted]"]}
			  note: > GET /?key=[redacted] HTTP/1.1
			  note: > X-Key: [redacted]
			  note: < HTTP/1.1 101
			  note: < X-Key: [redacted]
			  note: * connected to ws://h/?key=[redacted] (HTTP/1.1)
			do sent JSON
			  out: {"time":"2000-01-01T00:00:00.000000000Z","event":"message","dir":"out","type":"text","bytes":43,"data":"{\"password\":\"[redacted]\",\"id\":\"[redacted]\"}"}
			do retry
			  out: {"time":"2000-01-01T00:00:00.000000000Z","event":"retry","after":"1s","attempt":2}
			  note: * reconnecting in 1s (attempt 2): no user [redacted]
			do fail
			  out: {"time":"2000-01-01T00:00:00.000000000Z","event":"error","kind":"io","message":"no user [redacted]"}
			  note: wsx: no user [redacted]
			  out: {"time":"2000-01-01T00:00:00.000000000Z","event":"end","exit":0,"code":1000,"sent":0,"received":0}
			  note: * 0 sent, 0 received
		`},
		"shown": {View{Options: render.Options{Sent: true, Secrets: true}}, `
			do open
			  note: > GET /?key=a%22b%26c HTTP/1.1
			  note: > X-Key: hunter2
			  note: < HTTP/1.1 101
			  note: < X-Key: hunter2000
			  note: * connected to ws://h/?key=hunter2 (HTTP/1.1)
			do sent
			  out: hunter2 hunter2000 a"b&c a%22b%26c
			do retry
			  note: * reconnecting in 1s (attempt 2): no user hunter2000
			do fail
			  note: wsx: no user hunter2
			  note: * 0 sent, 0 received
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{
				View: c.view, Notes: render.Notes{Verbose: true},
				Prepare: func(r *REPL) { r.Output.Redact(secrets); r.Output.Redact(secrets[:1]) },
				Actions: map[string]func(*scriptRun){
					"open": handshake, "sent": sentMessage(`hunter2 hunter2000 a"b&c a%22b%26c`), "sent JSON": sentMessage(`{"password":"a\"b\u0026c","id":"hunter2"}`),
					"sent plain JSON": sentMessage(`{"password":"a\"b&c"}`), // as most encoders but Go's write it
					"retry":           retry, "fail": failure,
				},
			}.run(t, c.script)
		})
	}
	output := noOutput(t)
	output.Redact(secrets)
	if hidden := output.hidden(); !slices.IsSortedFunc(hidden, func(a, b string) int { return len(b) - len(a) }) || len(slices.Compact(slices.Sorted(slices.Values(hidden)))) != len(hidden) {
		t.Errorf("hidden: %q", hidden)
	}
	d := output.display.acquire()
	defer output.display.release(d)
	if err := errors.New("harmless"); d.hideError(err) != err || d.hideError(nil) != nil {
		t.Error("an error without a secret is changed")
	}
	if err := d.hideError(&OutputError{io.ErrShortWrite}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v", err)
	}
	if err := d.hideError(&OutputError{errors.Join(io.ErrShortWrite, errors.New("hunter2"))}); !errors.Is(err, io.ErrShortWrite) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

// TestWrappedNotes: notes are broken between words to fit the screen.
func TestWrappedNotes(t *testing.T) {
	scripted{Prepare: func(r *REPL) { r.Output.WrapNotes(func() int { return 30 }) }}.run(t, `
		> /nothing of this kind
		  note: error: unknown command
		  note:   /nothing: /help lists them,
		  note:   //nothing sends it as a
		  note:   message
		< a message of the server that is longer than the screen is not broken
		  out: a message of the server that is longer than the screen is not broken
	`)
}

// TestFilters: what filters hide, and what is shown with any filter.
func TestFilters(t *testing.T) {
	scripted{Notes: render.Notes{Control: true}, Config: Config{Trace: true}, Actions: map[string]func(*scriptRun){"sent": sentMessage("sent")}}.run(t, `
		<ping a
		  note: * received ping (data: "a")
		> /only text
		  note: only text
		<ping b
		<pong c
		  note: * received pong (data: "c") after 5ms
		<0x 00
		< text
		  out: text
		> /only control
		  note: only control
		< text
		<ping d
		  note: * received ping (data: "d")
		> /only out
		  note: only out
		do sent
		  out: sent
		< text
		> /only nothing
		  note: error: unknown filter "nothing"
		  note: hint: expected in, out, text, binary, control
		> /only off
		  note: only off
		> /grep-v ^a
		  note: grep-v ^a
		< abc
		< bcd
		  out: bcd
		> /grep (
		  note: error: regular expression "(": missing closing ): "("
		> /grep-v off
		  note: grep-v off
		<close 1000 bye
		  note: * disconnected by the server: 1000 normal closure: bye
	`)
}

// TestFrames: frames are shown with /trace, and forwarded without it.
func TestFrames(t *testing.T) {
	forwarded := 0
	frame := func(p *scriptRun) {
		p.session.emit(client.Event{Kind: client.KindFrame, Dir: client.In, Detail: "a frame"})
	}
	scripted{Config: Config{Frame: func(client.Event) { forwarded++ }}, Actions: map[string]func(*scriptRun){
		"frame": frame,
		"count": func(p *scriptRun) { p.log.add("forwarded: " + string(rune('0'+forwarded))) },
	}}.run(t, `
		do frame
		do count
		  forwarded: 1
		> /trace
		  note: trace off
		> /trace on
		  note: trace on
		do frame
		do count
		  forwarded: 1
		> /trace off
		  note: trace off
		> /trace perhaps
		  note: error: /trace [on|off]: wrong or missing argument
	`)
}

// TestShowCommands: the settings of how messages are shown, and the last message.
func TestShowCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	long := strings.Repeat("row\n", 9) + "end"
	scripted{
		Screen: true, View: View{Format: "pretty", Options: render.Options{Terminal: true, Rows: 2}},
		Config: Config{Page: func(text []byte) error { return errors.New("paged " + string(text[:7])) }, Height: func() int { return 5 }},
		Stats: client.Stats{
			Sent: client.Counts{Messages: 3, Bytes: 300}, Received: client.Counts{Messages: 20, Bytes: 4000}, Uptime: 10 * time.Second, Connections: 2,
			RoundTrips: client.RoundTrips{Count: 3, Last: 1234567 * time.Nanosecond, Min: 12345 * time.Nanosecond, Median: 123456789 * time.Nanosecond, Max: 1234567890 * time.Nanosecond},
		},
		Actions: map[string]func(*scriptRun){
			"long": func(p *scriptRun) {
				p.session.emit(client.Event{Kind: client.KindMessage, Type: client.Text, Payload: []byte(long), First: true, Last: true})
			},
			"read": func(p *scriptRun) {
				text, err := os.ReadFile("saved")
				if err != nil || string(text) != long {
					p.Errorf("saved %q, %v", text, err)
				}
			},
		},
	}.run(t, `
		> /last
		  out: error: no message has been received yet
		do long
		  out: < row
		  out:   row
		  out:   … 7 more rows, 31 more bytes (/last shows all)
		> /last
		  out: error: paged < row\n
		> /rows
		  out: rows 2
		> /rows 3
		  out: rows 3
		do long
		  out: < row
		  out:   row
		  out:   row
		  out:   … 6 more rows, 27 more bytes (/last shows all)
		> /rows all
		  out: rows all
		> /rows off
		  out: rows two screens
		> /rows 0
		  out: error: /rows [N|all|off]: wrong or missing argument
		> /rows x
		  out: error: /rows [N|all|off]: wrong or missing argument
		< short
		  out: < short
		> /last
		  out: < short
		do long
		  out: < row
		  out:   row
		  out:   row
		  out:   row
		  out:   row
		  out:   row
		  out:   row
		  out:   row
		  out:   row
		  out:   end
		> /save saved
		  out: 39 bytes in saved
		do read
		> /save missing/saved
		  out: error: open missing/saved: no such file or directory
		> /timestamps
		  out: timestamps off
		> /timestamps never
		  out: error: unknown timestamps mode "never"
		  out: hint: wall, relative or delta
		> /timestamps relative
		  out: timestamps relative
		> /format raw
		  out: format raw
		> /info
		  out: url          ws://h/
		  out: http         HTTP/1.1 101
		  out: format       raw
		  out: timestamps   relative
		> /jq .a
		  out: jq .a
		> /format
		  out: format jq .a
		> /info
		  out: url          ws://h/
		  out: http         HTTP/1.1 101
		  out: format       jq .a
		  out: timestamps   relative
		> /template {{.Type}}
		  out: template {{.Type}}
		> /info
		  out: url          ws://h/
		  out: http         HTTP/1.1 101
		  out: format       template {{.Type}}
		  out: timestamps   relative
		> /format raw
		  out: format raw
		> /timestamps off
		  out: timestamps off
		> /stats
		  out: sent         3 messages, 300 bytes (0.3/s, 30 bytes/s)
		  out: received     20 messages, 4000 bytes (2.0/s, 400 bytes/s)
		  out: connected    10s, connection 2
		  out: round trips  3: last 1.23ms, min 12.3µs, median 123.46ms, max 1.23s
		> /help pin
		  out: error: no command /pin: did you mean /ping?
		> /help xyz
		  out: error: no command /xyz: /help lists them
	`)
}

// TestHelp: /help has each command and each verb on a row, /help keys each key, and /help COMMAND what its argument can be.
func TestHelp(t *testing.T) {
	for line, want := range map[string][][2]string{
		"/help": append(Commands(), [2]string{"/call METHOD [ARG...]", "call a method"}), "/help keys": Keys(), "/help /expect": {{"/expect REGEX", ""}},
		"/help eol": {{"/eol", ""}, {"  crlf", ""}, {"  lf", ""}, {"  nul", ""}, {"  none", ""}}, "/help as": {{"  socketio", ""}, {"  off", ""}},
		"/help close":      {{"  1000", "normal closure"}, {"  1013", ""}},
		"/help timestamps": {{"  wall", ""}, {"  relative", ""}, {"  delta", ""}, {"  off", ""}},
	} {
		var text bytes.Buffer
		output, err := NewOutput(t.Context(), &text, &text, View{Format: "raw"}, &render.Notes{})
		if err != nil {
			t.Fatal(err)
		}
		r := New(Config{Output: output, Dialect: &Dialect{State: stateOf(t, testDialect, nil)}})
		if err := r.sender.runCommand(t.Context(), line); err != nil {
			t.Error(err)
		}
		words := strings.Join(strings.Fields(text.String()), " ")
		for _, row := range want {
			if !strings.Contains("\n"+text.String(), "\n"+row[0]) || !strings.Contains(words, strings.Join(strings.Fields(row[0]+" "+row[1]), " ")) {
				t.Errorf("%s has no row %q:\n%s", line, row, text.String())
			}
		}
	}
	for line, want := range map[string]string{"/ping x": "", "/pong": "", "/call": "unknown command /call: did you mean /curl? //call sends it as a message"} {
		if err := CheckCommand(line); errorText(err) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestStatsBeforeTheConnection: without a connection there is no rate.
func TestStatsBeforeTheConnection(t *testing.T) {
	if got, want := describeStats(client.Stats{Sent: client.Counts{Messages: 1, Bytes: 5}}), "sent         1 messages, 5 bytes\nreceived     0 messages, 0 bytes\nconnected    0s, connection 0"; got != want {
		t.Errorf("%s", got)
	}
}

// TestInfo: the facts about the connection.
func TestInfo(t *testing.T) {
	h := &dial.Handshake{
		URL: "wss://h/", HTTP: "HTTP/2.0", Status: 200, Subprotocol: "chat", Extensions: "permessage-deflate", Local: "127.0.0.1:5", Remote: "127.0.0.1:6",
		Proxy: "http://proxy (HTTPS_PROXY)", Header: http.Header{"Server": {"small"}},
	}
	want := "url          wss://h/\nhttp         HTTP/2.0 200\nsubprotocol  chat\nextensions   permessage-deflate\nproxy        http://proxy (HTTPS_PROXY)\n" +
		"local        127.0.0.1:5\nremote       127.0.0.1:6\nserver       small"
	if got := describe(h); got != want {
		t.Errorf("%s", got)
	}
	if got := describe(&dial.Handshake{URL: "named session", Direct: "NO_PROXY"}); got != "url          named session\nproxy        NO_PROXY" {
		t.Errorf("%s", got)
	}
}

// TestBatches: messages that are only shown are shown in pages of many, in their order, each stream on its own.
func TestBatches(t *testing.T) {
	for name, c := range map[string]struct {
		view   View
		script string
	}{
		"filtered": {View{Only: []string{"text"}}, `
			< a
			  out: a
			<0x 00
			<ping beat
			< b
			  out: b
			<end
			  end
		`},
		"with notes of what cannot be shown": {View{JQ: ".a"}, `
			< {"a": 1}
			  out: 1
			< not JSON
			  note: * jq: not JSON: not JSON
			< {"a": 2}
			  out: 2
			<end
			  end
		`},
	} {
		t.Run(name, func(t *testing.T) {
			scripted{View: c.view, NotTyped: true, Prepare: func(r *REPL) {
				if r.receiver.batch == nil {
					t.Error("there is no batch")
				}
			}}.run(t, c.script)
		})
	}
}

// TestLongMessageInBatch: a message that is longer than a page stands between those before and after it.
func TestLongMessageInBatch(t *testing.T) {
	var text bytes.Buffer
	output, err := NewOutput(t.Context(), &text, io.Discard, View{Format: "raw"}, &render.Notes{})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := output.newBatch()
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, message := range []string{"before", strings.Repeat("x", batchPage+1), "between", strings.Repeat("y", 3*batchPage), "after"} {
		want += message + "\n"
		if err := batch.show(&client.Event{Kind: client.KindMessage, Type: client.Text, Payload: []byte(message), First: true, Last: true}); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(batch.flush(), output.Flush()); err != nil || text.String() != want {
		t.Errorf("%d bytes, want %d: %v", text.Len(), len(want), err)
	}
}

// TestDecoded: messages are decoded for the user and for rules, and recorded as they are.
func TestDecoded(t *testing.T) {
	newDecoder := func() *codec.Decoder {
		decoder, err := codec.NewDecoder("msgpack", codec.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return decoder
	}
	recorded := filepath.Join(t.TempDir(), "recording")
	var output *Output
	scripted{
		Config: Config{Decoder: newDecoder()}, View: View{Decoder: newDecoder()},
		Prepare: func(r *REPL) {
			if output = r.Output; output.Record(context.Background(), recorded, false, nil) != nil {
				t.Fatal("it is not recorded")
			}
		},
	}.run(t, `
		> /on ^\{"a":(.*)\}$ => got $1
		<0x 81a16107
		  sent reply text "got 7"
		  out: {"a":7}
		> /expect "a"
	`)
	if err := output.StopRecord(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(recorded); err != nil || !strings.Contains(string(text), `"data":"gaFhBw==","encoding":"base64"`) {
		t.Errorf("recorded %s, %v", text, err)
	}
}
