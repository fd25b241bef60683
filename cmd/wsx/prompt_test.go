//go:build linux || darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"wsx/server/servertest"
	"wsx/test/ptytest"
)

// testTimeout bounds a wait for output on a terminal. It is long, so that no slow machine fails.
const testTimeout = time.Minute

// terminalSession is a wsx process on a pseudo-terminal.
type terminalSession struct {
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File // the other end of the terminal
	terminal *os.File
	before   *term.State
	output   *ptytest.Reader
}

func startAtTerminal(t *testing.T, args ...string) *terminalSession {
	t.Helper()
	return startAtTerminalWith(t, nil, args...)
}

// startAtTerminalWith starts wsx with further variables in its environment.
func startAtTerminalWith(t *testing.T, env []string, args ...string) *terminalSession {
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
	s := &terminalSession{t: t, keyboard: keyboard, terminal: terminal, before: before}
	s.cmd = exec.Command("wsx", args...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = terminal, terminal, terminal
	s.cmd.Env = append(append(os.Environ(), "TERM=xterm", "HOME="+t.TempDir(), "NO_COLOR=1"), env...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.output = ptytest.Read(keyboard, nil)
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		terminal.Close()
		keyboard.Close()
		s.output.Wait()
	})
	return s
}

// connectAtTerminal is startAtTerminal, and waits until the program is connected.
func connectAtTerminal(t *testing.T, args ...string) *terminalSession {
	t.Helper()
	s := startAtTerminal(t, args...)
	s.waitFor("connected")
	return s
}

// shown returns all output so far.
func (s *terminalSession) shown() string { return s.output.Text() }

// discard discards the output so far.
func (s *terminalSession) discard() { s.output.Discard() }

// waitFor waits for a text in the output.
func (s *terminalSession) waitFor(text string) {
	s.t.Helper()
	s.waitForMatch(regexp.QuoteMeta(text))
}

// waitForRows waits for a text on rows of its own, after an erased prompt or other text.
func (s *terminalSession) waitForRows(text string) {
	s.t.Helper()
	s.waitForMatch(`(\r\n|\x1b\[K|\x1b8)` + regexp.QuoteMeta(strings.ReplaceAll(text, "\n", "\r\n")) + `\r\n`)
}

// waitForMatch waits for a match in the output.
func (s *terminalSession) waitForMatch(pattern string) {
	s.t.Helper()
	wanted := regexp.MustCompile(pattern)
	if !s.output.Until(testTimeout, func() bool { return wanted.MatchString(s.shown()) }) {
		s.t.Fatalf("no %q in %q", pattern, s.shown())
	}
}

// until repeats a step until it returns true.
func (s *terminalSession) until(step func() bool) {
	s.t.Helper()
	for end := time.Now().Add(testTimeout); !step(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("timed out; the screen: %q", s.shown())
		}
	}
}

// awaitComputing waits until the program has used CPU time since the call. With GOMAXPROCS=1 at least as much time has passed.
func (s *terminalSession) awaitComputing(d time.Duration) {
	s.t.Helper()
	before := s.cpuTime()
	if before == 0 { // the system has no /proc
		time.Sleep(3 * d)
		return
	}
	s.until(func() bool { return s.cpuTime()-before >= d })
}

// cpuTime returns how much CPU time the program has used; 0 = it is not known.
func (s *terminalSession) cpuTime() time.Duration {
	const tick = 10 * time.Millisecond
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, fields, _ := strings.Cut(string(stat), ") ") // the name of the program may have spaces
	numbers := strings.Fields(fields)
	if len(numbers) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(numbers[11])
	system, _ := strconv.Atoi(numbers[12])
	return time.Duration(user+system) * tick
}

func (s *terminalSession) typeKeys(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// end types keys that end the program with an exit code.
func (s *terminalSession) end(keys string, code int) {
	s.t.Helper()
	s.typeKeys(keys)
	s.wantExit(code)
}

// wantExit fails the test unless the program ends with an exit code, the terminal is restored, and the cursor is on a new row.
func (s *terminalSession) wantExit(code int) {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }() // ended by the program's end, or by killing it
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
	case <-time.After(testTimeout):
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
		s.t.Error("the terminal was not restored")
	}
	s.terminal.WriteString("$ ")
	s.waitFor("$ ")
	if !freshRow.MatchString(s.shown()) {
		s.t.Errorf("the cursor is not on a new row: %q", s.shown())
	}
}

// freshRow matches a shell's prompt on a row of its own.
var freshRow = regexp.MustCompile(`(\r\n|\r\x1b\[K(\x1b7\x1b\[B\x1b\[J\x1b8)?)(\x1b\[\?\d+[hl])*\$ $`)

func TestSessionAtATerminal(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, echoURL(t))
	s.typeKeys("hello\r")
	s.waitFor("< hello\r\n")
	s.typeKeys("/ping beat\r")
	s.waitFor("received pong (data: \"beat\") after")
	s.typeKeys("/nothing\r")
	s.waitFor("error: unknown command /nothing")
	s.typeKeys("//nothing\r")
	s.waitFor("< /nothing\r\n")
	s.typeKeys("/info\r")
	s.waitFor("HTTP/1.1 101")
	s.typeKeys("/close 4000 done\r")
	s.waitFor("4000")
	s.wantExit(0)
}

func TestEndsAtATerminal(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	echo := echoURL(t)
	for _, c := range []struct {
		name string
		url  string
		end  func(*terminalSession)
		code int
	}{
		{"quit", echo, func(s *terminalSession) { s.typeKeys("/quit\r") }, 0},
		{"Ctrl-D", echo, func(s *terminalSession) { s.typeKeys("\x04") }, 0},
		{"Ctrl-C", echo, func(s *terminalSession) { s.typeKeys("half\x03\x03") }, 0},
		{"closed", bad.URL("/close?after=1&code=1000"), func(s *terminalSession) { s.typeKeys("x\r") }, 0},
		{"closed with an error code", bad.URL("/close?after=1&code=4000"), func(s *terminalSession) { s.typeKeys("x\r") }, 8},
		{"dropped", bad.URL("/drop?after=1"), afterLoss, 7},
		{"reset", bad.URL("/reset?after=1"), afterLoss, 7},
		{"SIGTERM", echo, func(s *terminalSession) {
			s.typeKeys("half")
			s.waitFor("half")
			s.cmd.Process.Signal(syscall.SIGTERM)
		}, 143},
		{"SIGINT", echo, func(s *terminalSession) { s.cmd.Process.Signal(syscall.SIGINT) }, 130},
		{"SIGHUP", echo, func(s *terminalSession) { s.cmd.Process.Signal(syscall.SIGHUP) }, 129},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := connectAtTerminal(t, c.url)
			c.end(s)
			s.wantExit(c.code)
		})
	}
}

// afterLoss loses the connection, and ends the prompt that remains.
func afterLoss(s *terminalSession) {
	s.typeKeys("x\r")
	s.waitFor("Enter reconnects, /quit ends")
	s.typeKeys("/quit\r")
}

func TestKilledProgramRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, echoURL(t))
	s.typeKeys("half")
	s.waitFor("half")
	s.cmd.Process.Kill()
	s.cmd.Wait()
	for limit := time.Now().Add(testTimeout); ; time.Sleep(time.Millisecond) {
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

func TestInterruptWhileConnecting(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	s := startAtTerminal(t, "--connect-timeout", "1m", bad.URL("/hang"))
	s.waitFor("connecting to ws://")
	s.end("\x03", 130)
}

func TestPasswordPrompt(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	s := startAtTerminal(t, "-u", "me", bad.URL("/request"))
	s.waitFor("assword")
	s.typeKeys("secret\r")
	s.waitFor("Authorization: Basic bWU6c2VjcmV0")
	s.wantExit(0)
	if strings.Contains(s.shown(), "secret") {
		t.Error("the password was shown")
	}
}

// TestTimeoutAtPasswordPrompt: a time limit that expires while a password is asked for restores the echo of the terminal.
func TestTimeoutAtPasswordPrompt(t *testing.T) {
	t.Parallel()
	proxy := authProxy(t, "")
	for _, args := range [][]string{
		{"-x", "hi", "-u", "me"}, {"-x", "hi", "-u", "me", "--netrc-file", fileWith(t, "empty", "")}, {"-x", "hi", "--proxy", proxy},
	} {
		s := startAtTerminal(t, append(args, "--timeout", "1s", echoURL(t))...)
		s.waitFor("assword")
		s.wantExit(9)
	}
}

// TestCtrlCAtPasswordPrompt: Ctrl-C restores the echo of the terminal, with and without a prompt.
func TestCtrlCAtPasswordPrompt(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"-x", "hi", "-1"}, {"-x", "hi", "-1", "--netrc-file", fileWith(t, "empty", "")}, {"check"}, {"bench"}} {
		s := startAtTerminal(t, append(args, "-u", "me", echoURL(t))...)
		s.waitFor("assword of me")
		s.end("\x03", 130)
		if strings.Contains(s.shown(), "wsx:") {
			t.Errorf("%q: the interrupt is reported as an error: %q", args, s.shown())
		}
	}
}

func TestOutputPipeAtATerminal(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
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

func TestLongMessageIsTruncated(t *testing.T) {
	t.Setenv("PAGER", "cat")
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, `,{"k%d":%d}`, i, i)
	}
	message := fileWith(t, "long.json", "["+text.String()[1:]+"]")
	s := startAtTerminal(t, "-i", "-x", "@"+message, echoURL(t))
	s.waitFor("more bytes (/last shows all)")
	if strings.Contains(s.shown(), "k99") {
		t.Error("the long message was not truncated")
	}
	s.typeKeys("/last\r")
	s.waitFor(`"k99": 99`)
	s.typeKeys("after\r")
	s.waitFor("< after\r\n")
	s.end("\x04", 0)
}

func TestEditCommand(t *testing.T) {
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nprintf '{\"edited\":true}\\n' >\"$1\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", editor)
	s := connectAtTerminal(t, "--encode", "msgpack", echoURL(t))
	s.typeKeys("/edit\r")
	s.waitFor("< (msgpack, 9 bytes) {\r\n")
	s.waitFor(`"edited": true`)
	s.typeKeys("no JSON\r")
	s.waitFor("error: not JSON")
	s.typeKeys("{\"n\":1}\r")
	s.waitFor("< (msgpack, 4 bytes) {")
	s.typeKeys("/expect \"n\":1\r/quit\r") // /expect matches the decoded text
	s.wantExit(0)
	if strings.Contains(s.shown(), "no matching message") {
		t.Errorf("the shown text did not match: %q", s.shown())
	}
}

func TestEnterReconnectsNow(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	s := connectAtTerminal(t, "--reconnect", bad.URL("/drop?after=1"))
	s.typeKeys("x\r")
	s.waitFor("Enter retries now")
	s.typeKeys("\r")
	s.waitFor("* connected to ws://127.0.0.1")
	s.typeKeys("/stats\r")
	s.waitFor("connection ")
	s.end("/quit\r", 7) // for the lost line
}

// TestCtrlCStopsCommands: Ctrl-C ends a running command or query; the prompt returns, and the session continues.
func TestCtrlCStopsCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := errors.Join(syscall.Mkfifo(in, 0o600), syscall.Mkfifo(out, 0o600)); err != nil {
		t.Fatal(err)
	}
	s := startAtTerminalWith(t, []string{"GOMAXPROCS=1"}, "--expect-timeout", "1h", "--record", "/dev/full", echoURL(t))
	s.waitFor("connected")
	s.waitFor("error: record to /dev/full: ") // reported once, and the session continues
	for i, line := range []string{"/expect never", "/wait 1h", "/replay " + in, "/record " + out} {
		s.typeKeys(line + "\rqueued\r")
		s.waitFor(line)
		s.typeKeys("\x03")
		s.until(func() bool { return strings.Count(s.shown(), "cancelled\r\n") > i })
		s.typeKeys("\x15")
	}
	s.typeKeys("/jq def f: f; f\r/trace on\r1\r")
	s.waitFor("< text") // now the query runs
	s.awaitComputing(300 * time.Millisecond)
	s.typeKeys("\x03")
	s.waitFor("jq: interrupted")
	s.typeKeys("/trace off\r/jq off\r")
	s.typeKeys("after\r")
	s.waitFor("< after")
	s.end("/quit\r", 0)
}
