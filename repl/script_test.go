package repl

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/repl/script"
)

// scripted is a session whose user, server and clock are simulated by a script.
//
// A line of the script that is not indented does something, and the indented lines after it are all that follows from it:
//
//	> TEXT            a line is typed, or read from standard input
//	-x TEXT           a line without a number is sent
//	eof               the input ends
//	< TEXT            the server sends a text message; <0x for a binary one in hexadecimal
//	<first TEXT       the server sends a fragment; also <next and <last
//	<ping DATA        also <pong DATA, <close CODE REASON
//	<end              the server ends the session; <lost: without a Close
//	wait D            time passes
//	do NAME           calls the function of Actions
//
// What follows is what is sent (sent ...), then the lines on standard output (out: ...) and standard error (note: ...), then the status
// row (status: ...), then how the session ended (end: ...).
type scripted struct {
	Config
	View         View                        // raw, if it has no format
	Notes        render.Notes                // how notes are shown
	Screen       bool                        // standard output and standard error are the same terminal
	IgnoresClose bool                        // the server does not answer a Close
	Limit        time.Duration               // of the whole run; 0 = no limit
	Row          bool                        // there is a status row
	Stats        client.Stats                // of the session; zero = it is connected for a second
	Actions      map[string]func(*scriptRun) // what "do NAME" does
	Prepare      func(*REPL)                 // called before the session runs; nil = it is not called
	NotTyped     bool                        // lines are piped, and commands are messages
}

// scriptRun is a script while it runs.
type scriptRun struct {
	*testing.T
	repl    *REPL
	session *scriptedSession
	source  *scriptedLines
	log     *scriptLog
	cancel  context.CancelCauseFunc
	actions map[string]func(*scriptRun)
}

// run runs a script in a bubble of its own, where no real time passes, and compares all that happens with the script.
func (s scripted) run(t *testing.T, script string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { s.runInBubble(t, script) })
}

func (s scripted) runInBubble(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if s.Limit > 0 {
		var stop func()
		ctx, stop = context.WithTimeout(ctx, s.Limit)
		defer stop()
	}
	log := &scriptLog{}
	out, noteWriter := logWriter{log, "out"}, logWriter{log, "note"}
	if s.View.Format == "" {
		s.View.Format = "raw"
	}
	var to io.Writer = &out
	var notes io.Writer = &noteWriter
	if s.Screen {
		notes = to
	}
	output, err := NewOutput(ctx, to, notes, s.View, &s.Notes)
	if err != nil {
		t.Fatal(err)
	}
	p := &scriptRun{T: t, log: log, cancel: cancel, source: newScriptedLines(), actions: s.Actions}
	p.session = &scriptedSession{log: log, ignoresClose: s.IgnoresClose, stats: s.Stats, events: make(chan func() error, 100), ended: make(chan error, 1)}
	if s.Stats == (client.Stats{}) {
		p.session.stats.Uptime = time.Second
	}
	if s.Row {
		s.Status = func(text string) { log.add(strings.TrimSpace("status: " + text)) }
	}
	s.Config.Output = output
	if s.Config.Source == nil {
		s.Config.Source = p.source
	}
	if !s.NotTyped {
		s.Slash, s.Interactive = true, true
		s.Inbox = cmp.Or(s.Inbox, script.NewInbox(0, 0))
	}
	if s.Config.Dial == nil {
		s.Config.Dial = func(_ context.Context, handler client.Handler) (Session, error) {
			p.session.handler = handler
			return p.session, nil
		}
	}
	p.repl = New(s.Config)
	if s.Prepare != nil {
		s.Prepare(p.repl)
	}
	done := make(chan struct{})
	go func() { // ended by the session's end
		defer close(done)
		err := p.repl.Run(ctx)
		if err != nil {
			log.add("end: " + err.Error())
		} else {
			log.add("end")
		}
	}()
	if got, want := p.execute(text), tidy(text); got != want {
		t.Errorf("what happened is\n%s\nbut the script is\n%s", got, want)
	}
	select {
	case <-done:
	default:
		cancel(errors.New("the script ended before the session"))
	}
	p.session.unblock()
	p.session.end(nil)
	<-done
}

// tidy removes the indentation that a script has in a test, and empty lines around it.
func tidy(script string) string {
	var text strings.Builder
	for line := range strings.SplitSeq(strings.Trim(script, "\n\t"), "\n") {
		text.WriteString(strings.TrimLeft(line, "\t") + "\n")
	}
	return text.String()
}

// execute executes a script, and returns it with what actually happened.
func (p *scriptRun) execute(script string) string {
	var text strings.Builder
	synctest.Wait()
	for _, line := range p.log.take() {
		text.WriteString("  " + line + "\n")
	}
	for line := range strings.SplitSeq(tidy(script), "\n") {
		if line == "" || strings.HasPrefix(line, "  ") {
			continue
		}
		text.WriteString(line + "\n")
		p.step(line)
		synctest.Wait()
		for _, line := range p.log.take() {
			text.WriteString("  " + line + "\n")
		}
	}
	return text.String()
}

// step executes a line of a script.
func (p *scriptRun) step(line string) {
	word, rest, _ := strings.Cut(line, " ")
	s := p.session
	message := func(t client.Type, data []byte, first, last bool) {
		s.emit(client.Event{Kind: client.KindMessage, Type: t, Payload: data, First: first, Last: last})
	}
	switch word {
	case ">":
		p.source.read(input.Line{Type: client.Text, Data: []byte(rest)})
	case "-x":
		p.source.lines <- input.Line{Type: client.Text, Data: []byte(rest)}
	case "eof":
		close(p.source.lines)
	case "<":
		message(client.Text, []byte(rest), true, true)
	case "<0x":
		data, err := hex.DecodeString(rest)
		if err != nil {
			p.Fatal(err)
		}
		message(client.Binary, data, true, true)
	case "<first":
		message(client.Text, []byte(rest), true, false)
	case "<next":
		message(client.Text, []byte(rest), false, false)
	case "<last":
		message(client.Text, []byte(rest), false, true)
	case "<ping":
		s.emit(client.Event{Kind: client.KindPing, Payload: []byte(rest)})
	case "<pong":
		s.emit(client.Event{Kind: client.KindPong, Payload: []byte(rest), Detail: 5 * time.Millisecond})
	case "<close":
		number, reason, _ := strings.Cut(rest, " ")
		code, err := strconv.Atoi(number)
		if err != nil {
			p.Fatal(err)
		}
		s.emit(client.Event{Kind: client.KindClose, Code: code, Payload: []byte(reason)})
	case "<end":
		s.end(nil)
	case "<lost":
		s.end(&client.LostError{URL: "ws://h/", Err: io.ErrUnexpectedEOF})
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			p.Fatal(err)
		}
		time.Sleep(d)
	case "do":
		if p.actions[rest] == nil {
			p.Fatalf("no action %q", rest)
		}
		p.actions[rest](p)
	default:
		p.Fatalf("no such line in a script: %q", line)
	}
}

// scriptLog is what happened, in its order.
type scriptLog struct {
	mu  sync.Mutex // guards the fields below
	all []string
}

func (l *scriptLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, asOnUnix().Replace(strings.ReplaceAll(line, "`", "'"))) // scripts are raw strings
}

// take returns what happened since it was last called: what was sent, then what was shown, then the status row, then the end. Different
// goroutines send, show and tick.
func (l *scriptLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	slices.SortStableFunc(all, func(a, b string) int { return rank(a) - rank(b) })
	return all
}

// rank returns the place of a line of the log among those of a step.
func rank(line string) int {
	switch word, _, _ := strings.Cut(line, " "); word {
	case "sent", "abort", "retry":
		return 0
	case "status:":
		return 2
	case "end", "end:":
		return 3
	}
	return 1
}

// logWriter logs each line that is written.
type logWriter struct {
	log  *scriptLog
	name string
}

func (w *logWriter) Write(p []byte) (int, error) {
	for line := range strings.SplitSeq(strings.TrimSuffix(string(p), "\n"), "\n") {
		w.log.add(strings.TrimRight(w.name+": "+line, " "))
	}
	return len(p), nil
}

// scriptedLines are the lines that a script types.
type scriptedLines struct {
	lines  chan input.Line
	number int
}

func newScriptedLines() *scriptedLines { return &scriptedLines{lines: make(chan input.Line, 100)} }

// read numbers a line, and passes it to Next.
func (s *scriptedLines) read(line input.Line) {
	s.number++
	line.Number = s.number
	s.lines <- line
}

func (s *scriptedLines) Ready() bool { return len(s.lines) > 0 }

func (s *scriptedLines) Next(ctx context.Context) (input.Line, error) {
	select {
	case line, ok := <-s.lines:
		if !ok {
			return line, io.EOF
		}
		return line, nil
	case <-ctx.Done():
		return input.Line{}, ctx.Err()
	}
}

// scriptedSession is a session whose server is a script. It logs what is sent.
type scriptedSession struct {
	log          *scriptLog
	handler      client.Handler
	ignoresClose bool              // the server does not answer a Close
	events       chan func() error // what Run does next
	ended        chan error        // how Run ends

	mu          sync.Mutex // guards the fields below
	closed      bool
	buffer      []string  // what was sent since the last Flush
	received    time.Time // when a message was received last
	stats       client.Stats
	blocked     chan struct{} // nil = writes do not block
	subprotocol string        // of the handshake
}

// emit makes Run report an event.
func (s *scriptedSession) emit(e client.Event) {
	e.Time = time.Now()
	s.events <- func() error {
		if e.Kind == client.KindMessage {
			s.mu.Lock()
			s.received = e.Time
			s.mu.Unlock()
		}
		return s.handler.Handle(e)
	}
}

// end makes Run return.
func (s *scriptedSession) end(err error) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case s.ended <- err:
	default: // it has ended already
	}
}

func (s *scriptedSession) Run() error {
	for {
		select {
		case next := <-s.events:
			if err := next(); err != nil {
				s.end(err)
				return err
			}
			if len(s.events) == 0 {
				if err := s.handler.Flush(); err != nil {
					s.end(err)
					return err
				}
			}
		case err := <-s.ended:
			return err
		}
	}
}

// write logs what is sent, and buffers it until Flush or a Close.
func (s *scriptedSession) write(format string, args ...any) error {
	s.mu.Lock()
	closed, blocked := s.closed, s.blocked
	s.mu.Unlock()
	if closed {
		return client.ErrClosed
	}
	if blocked != nil {
		<-blocked
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffer = append(s.buffer, "sent "+fmt.Sprintf(format, args...))
	return nil
}

// block makes writes wait, as if the server did not read.
func (s *scriptedSession) block() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = make(chan struct{})
}

func (s *scriptedSession) unblock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blocked != nil {
		close(s.blocked)
		s.blocked = nil
	}
}

func typeName(t client.Type) string {
	if t == client.Binary {
		return "binary"
	}
	return "text"
}

func fragmentName(first, last bool) string {
	switch {
	case first && last:
		return ""
	case first:
		return " first"
	case last:
		return " last"
	}
	return " next"
}

func (s *scriptedSession) Send(m client.Message) error {
	return s.write("%s %q", typeName(m.Type), m.Data)
}

func (s *scriptedSession) SendAll(t client.Type, messages iter.Seq[[]byte]) error {
	for m := range messages {
		if err := s.write("%s %q", typeName(t), m); err != nil {
			return err
		}
	}
	return nil
}

func (s *scriptedSession) SendData(t client.Type, data []byte) error {
	return s.write("%s %q", typeName(t), data)
}

func (s *scriptedSession) SendFragment(t client.Type, data []byte, first, last bool) error {
	return s.write("%s%s %q", typeName(t), fragmentName(first, last), data)
}

func (s *scriptedSession) Reply(t client.Type, data []byte, first, last bool) error {
	return s.write("reply %s%s %q", typeName(t), fragmentName(first, last), data)
}

func (s *scriptedSession) Ping(data []byte) error {
	if err := client.CheckControl(data); err != nil {
		return err
	}
	return s.write("ping %q", data)
}

func (s *scriptedSession) Pong(data []byte) error {
	if err := client.CheckControl(data); err != nil {
		return err
	}
	return s.write("pong %q", data)
}

func (s *scriptedSession) Flush() error {
	s.mu.Lock()
	blocked := s.blocked
	s.mu.Unlock()
	if blocked != nil {
		<-blocked
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.buffer {
		s.log.add(line)
	}
	s.buffer = nil
	return nil
}

func (s *scriptedSession) RetryNow() { s.log.add("retry now") }

// answerClose answers a Close as the server does.
func (s *scriptedSession) answerClose() {
	s.Flush()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	if !s.ignoresClose {
		s.end(nil)
	}
}

func (s *scriptedSession) Close(code int, reason string) error {
	if err := client.CheckClose(code, reason); err != nil {
		return err
	}
	if err := s.write("close %d %q", code, reason); err != nil {
		return err
	}
	s.answerClose()
	return nil
}

func (s *scriptedSession) CloseNow(code int, reason string) {
	if s.write("close %d %q now", code, reason) == nil {
		s.answerClose()
	}
}

func (s *scriptedSession) Abort(code int, reason string) {
	s.log.add(fmt.Sprintf("abort %d %q", code, reason))
	s.unblock()
	s.Flush()
	s.end(nil)
}

func (s *scriptedSession) Silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.received)
}

func (s *scriptedSession) Handshake() *dial.Handshake {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &dial.Handshake{URL: "ws://h/", HTTP: "HTTP/1.1", Status: 101, Subprotocol: s.subprotocol}
}

func (s *scriptedSession) Stats() client.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

func (s *scriptedSession) Summary() client.Summary { return client.Summary{} }

// connActions are actions that lose, restore and close a connection, and block writes to it.
func connActions() map[string]func(*scriptRun) {
	return map[string]func(*scriptRun){
		"lose": func(p *scriptRun) {
			p.session.emit(client.Event{Kind: client.KindRetry, Detail: &client.Attempt{After: time.Second, Attempt: 1, Err: errors.New("gone")}})
		},
		"reconnect": func(p *scriptRun) { p.session.emit(client.Event{Kind: client.KindOpen, Detail: p.session.Handshake()}) },
		"close for a reason of its own": func(p *scriptRun) {
			p.session.end(&client.CloseError{URL: "ws://h/", Code: 4003, Reason: "log in first"})
		},
		"close":   func(p *scriptRun) { p.session.end(&client.CloseError{URL: "ws://h/", Code: 1011, Reason: "broken"}) },
		"block":   func(p *scriptRun) { p.session.block() },
		"unblock": func(p *scriptRun) { p.session.unblock() },
	}
}

// asOnUnix replaces the texts of errors of Windows by those of Unix, which scripts have.
func asOnUnix() *strings.Replacer {
	if runtime.GOOS != "windows" {
		return strings.NewReplacer()
	}
	const missingFile, missingPath = syscall.Errno(2), syscall.Errno(3)
	return strings.NewReplacer(missingFile.Error(), "no such file or directory", missingPath.Error(), "no such file or directory",
		"GetFileAttributesEx", "stat")
}
