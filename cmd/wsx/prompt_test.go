//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"wsx/server/servertest"
)

// patience bounds a wait for something to appear on a screen. It is long, so that no slow machine fails.
const patience = 20 * time.Second

// somebody sits at a terminal with the program.
type somebody struct {
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File // the other end of the terminal
	terminal *os.File
	before   *term.State

	mu     sync.Mutex // guards the fields below
	screen bytes.Buffer
	grown  chan struct{} // gets a signal whenever the screen grows
}

func sit(t *testing.T, args ...string) *somebody {
	t.Helper()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	s := &somebody{t: t, keyboard: keyboard, terminal: terminal, before: before, grown: make(chan struct{}, 1)}
	s.cmd = exec.Command("wsx", args...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = terminal, terminal, terminal
	s.cmd.Env = append(os.Environ(), "TERM=xterm", "HOME="+t.TempDir(), "NO_COLOR=1")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watched := make(chan struct{})
	go s.watch(watched) // ended by closing the keyboard
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		terminal.Close()
		keyboard.Close()
		<-watched
	})
	return s
}

func (s *somebody) watch(done chan<- struct{}) {
	defer close(done)
	buffer := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(buffer)
		s.mu.Lock()
		s.screen.Write(buffer[:n])
		s.mu.Unlock()
		select {
		case s.grown <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// shown is all that was written to the terminal so far.
func (s *somebody) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// forget takes what was written so far for seen.
func (s *somebody) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.screen.Reset()
}

// sees waits until a text has appeared.
func (s *somebody) sees(text string) {
	s.t.Helper()
	s.seesMatch(regexp.QuoteMeta(text))
}

// receives waits until a text has appeared on rows of its own, behind a prompt that was erased or other text.
func (s *somebody) receives(text string) {
	s.t.Helper()
	s.seesMatch(`(\r\n|\x1b\[K|\x1b8)` + regexp.QuoteMeta(strings.ReplaceAll(text, "\n", "\r\n")) + `\r\n`)
}

// seesMatch waits until a text that matches has appeared.
func (s *somebody) seesMatch(pattern string) {
	s.t.Helper()
	wanted := regexp.MustCompile(pattern)
	limit := time.After(patience)
	for {
		shown := s.shown()
		if wanted.MatchString(shown) {
			return
		}
		select {
		case <-s.grown:
		case <-limit:
			s.t.Fatalf("never saw %q, but %q", pattern, shown)
		}
	}
}

// until repeats a step until it reports that what was wanted has happened.
func (s *somebody) until(step func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !step(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("it did not happen: %q", s.shown())
		}
	}
}

func (s *somebody) types(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// leaves wants the program to end with an exit code, and the terminal to be as it was found, the cursor on a fresh row.
func (s *somebody) leaves(code int) {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }() // ended by the program's end, or by killing it
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
	case <-time.After(patience):
		s.t.Fatal("the program does not end")
	}
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d; the screen: %q", got, code, s.shown())
	}
	after, err := term.GetState(int(s.terminal.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if *after != *s.before {
		s.t.Error("the terminal is not as it was found")
	}
	s.terminal.WriteString("$ ")
	s.sees("$ ")
	if !freshRow.MatchString(s.shown()) {
		s.t.Errorf("the cursor was left within a row: %q", s.shown())
	}
}

// freshRow is a shell's prompt in the first column of a row with nothing else in it.
var freshRow = regexp.MustCompile(`(\r\n|\r\x1b\[K(\x1b7\x1b\[B\x1b\[J\x1b8)?)(\x1b\[\?\d+[hl])*\$ $`)

func TestAConversationAtATerminal(t *testing.T) {
	s := sit(t, echoURL(t))
	s.sees("connected")
	s.types("hello\r")
	s.sees("< hello\r\n")
	s.types("/ping beat\r")
	s.sees("received pong (data: \"beat\") after")
	s.types("/nothing\r")
	s.sees("error: unknown command /nothing")
	s.types("//nothing\r")
	s.sees("< /nothing\r\n")
	s.types("/info\r")
	s.sees("HTTP/1.1 101")
	s.types("/close 4000 done\r")
	s.sees("4000")
	s.leaves(0)
}

func TestEveryWayToLeaveATerminal(t *testing.T) {
	bad := servertest.Start(t)
	echo := echoURL(t)
	for _, way := range []struct {
		name string
		url  string
		end  func(*somebody)
		code int
	}{
		{"quit", echo, func(s *somebody) { s.types("/quit\r") }, 0},
		{"Ctrl-D", echo, func(s *somebody) { s.types("\x04") }, 0},
		{"Ctrl-C", echo, func(s *somebody) { s.types("half\x03\x03") }, 0},
		{"closed", bad.URL("/close?after=1&code=1000"), func(s *somebody) { s.types("x\r") }, 0},
		{"closed badly", bad.URL("/close?after=1&code=4000"), func(s *somebody) { s.types("x\r") }, 8},
		{"dropped", bad.URL("/drop?after=1"), afterLoss, 7},
		{"reset", bad.URL("/reset?after=1"), afterLoss, 7},
		{"SIGTERM", echo, func(s *somebody) {
			s.types("half")
			s.sees("half")
			s.cmd.Process.Signal(syscall.SIGTERM)
		}, 143},
		{"SIGINT", echo, func(s *somebody) { s.cmd.Process.Signal(syscall.SIGINT) }, 130},
		{"SIGHUP", echo, func(s *somebody) { s.cmd.Process.Signal(syscall.SIGHUP) }, 129},
	} {
		t.Run(way.name, func(t *testing.T) {
			s := sit(t, way.url)
			s.sees("connected")
			way.end(s)
			s.leaves(way.code)
		})
	}
}

// A panic in any goroutine ends the program no better than a kill does.
// afterLoss loses the connection, and ends the prompt that stays.
func afterLoss(s *somebody) {
	s.types("x\r")
	s.sees("Enter connects again, /quit ends")
	s.types("/quit\r")
}

func TestAKilledProgramLeavesTheTerminalAsItWas(t *testing.T) {
	s := sit(t, echoURL(t))
	s.sees("connected")
	s.types("half")
	s.sees("half")
	s.cmd.Process.Kill()
	s.cmd.Wait()
	for limit := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		after, err := term.GetState(int(s.terminal.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		if *after == *s.before {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("the terminal stays in raw mode")
		}
	}
}

func TestConnectingIsShownAndCanBeInterrupted(t *testing.T) {
	bad := servertest.Start(t)
	s := sit(t, "--connect-timeout", "1m", bad.URL("/hang"))
	s.sees("connecting to ws://")
	s.types("\x03")
	s.leaves(130)
}

func TestAPasswordIsAskedFor(t *testing.T) {
	bad := servertest.Start(t)
	s := sit(t, "-u", "me", bad.URL("/request"))
	s.sees("assword")
	s.types("secret\r")
	s.sees("Authorization: Basic bWU6c2VjcmV0")
	s.leaves(0)
	if strings.Contains(s.shown(), "secret") {
		t.Error("the password was shown")
	}
}

// TestCtrlCInsteadOfAPassword leaves a terminal that shows what is typed, whether or not there is a prompt.
func TestCtrlCInsteadOfAPassword(t *testing.T) {
	for _, args := range [][]string{{}, {"-x", "hi", "-1"}, {"check"}, {"bench"}} {
		s := sit(t, append(args, "-u", "me", echoURL(t))...)
		s.sees("assword of me")
		s.types("\x03")
		s.leaves(130)
		if strings.Contains(s.shown(), "wsx:") {
			t.Errorf("%q: an interrupt is no error to report: %q", args, s.shown())
		}
	}
}

func TestAPipeFromATerminal(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer keyboard.Close()
	defer terminal.Close()
	cmd := exec.CommandContext(ctx, "wsx", "-1", "-x", "hi", echoURL(t))
	cmd.Stdin, cmd.Stderr = terminal, terminal
	out, err := cmd.Output()
	if string(out) != "hi\n" || err != nil {
		t.Errorf("got %q, %v; want only the message on standard output", out, err)
	}
}

func TestALongMessageIsCutAndLeafedThrough(t *testing.T) {
	t.Setenv("PAGER", "cat")
	message := filepath.Join(t.TempDir(), "long.json")
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, `,{"k%d":%d}`, i, i)
	}
	if err := os.WriteFile(message, []byte("["+text.String()[1:]+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sit(t, "-i", "-x", "@"+message, echoURL(t))
	s.sees("more bytes (/last shows all)")
	if strings.Contains(s.shown(), "k99") {
		t.Error("the long message was not cut")
	}
	s.types("/last\r")
	s.sees(`"k99": 99`)
	s.types("after\r")
	s.sees("< after\r\n")
	s.types("\x04")
	s.leaves(0)
}

func TestAMessageFromAnEditor(t *testing.T) {
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nprintf '{\"edited\":true}\\n' >\"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", editor)
	s := sit(t, "--encode", "msgpack", echoURL(t))
	s.sees("connected")
	s.types("/edit\r")
	s.sees("< (msgpack, 9 bytes) {\r\n")
	s.sees(`"edited": true`)
	s.types("no JSON\r")
	s.sees("error: not JSON")
	s.types("{\"n\":1}\r")
	s.sees("< (msgpack, 4 bytes) {")
	s.types("/expect \"n\":1\r/quit\r") // what is expected is what is seen
	s.leaves(0)
	if strings.Contains(s.shown(), "nothing that matches") {
		t.Errorf("what was seen was not found: %q", s.shown())
	}
}

func TestALossCountsDownAndEnterTriesNow(t *testing.T) {
	bad := servertest.Start(t)
	s := sit(t, "--reconnect", bad.URL("/drop?after=1"))
	s.sees("connected")
	s.types("x\r")
	s.sees("Enter tries now")
	s.types("\r")
	s.sees("* connected to ws://127.0.0.1")
	s.types("/stats\r")
	s.sees("connection ")
	s.types("/quit\r")
	s.leaves(7) // the line that was lost
}

// TestCtrlCStopsWhatRuns: a command, a query; the prompt comes back, and the session goes on.
func TestCtrlCStopsWhatRuns(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := errors.Join(syscall.Mkfifo(in, 0o600), syscall.Mkfifo(out, 0o600)); err != nil {
		t.Fatal(err)
	}
	s := sit(t, "--expect-timeout", "1h", "--record", "/dev/full", echoURL(t))
	s.sees("connected")
	s.sees("error: record to /dev/full: ") // told once, and the session goes on
	for i, line := range []string{"/expect never", "/wait 1h", "/replay " + in, "/record " + out} {
		s.types(line + "\rqueued\r")
		s.sees(line)
		s.types("\x03")
		s.until(func() bool { return strings.Count(s.shown(), "cancelled\r\n") > i })
		s.types("\x15")
	}
	s.types("/jq def f: f; f\r/trace on\r1\r")
	s.sees("< text") // then the query runs
	time.Sleep(time.Second)
	s.types("\x03")
	s.sees("jq: interrupted")
	s.types("/trace off\r/jq off\r")
	s.types("after\r")
	s.sees("< after")
	s.types("/quit\r")
	s.leaves(0)
}
