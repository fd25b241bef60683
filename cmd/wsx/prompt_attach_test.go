//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"wsx/daemon"
	"wsx/server/servertest"
)

// newSessions returns a folder for $XDG_RUNTIME_DIR, and closes the sessions in it when the test ends.
func newSessions(t *testing.T) string {
	t.Helper()
	run, err := os.MkdirTemp("", "wsx") // shorter than t.TempDir: the length of a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closeSessions(func(string) string { return run }); err != nil {
			t.Error(err)
			return
		}
		os.RemoveAll(run)
	})
	return run
}

// sessionFolder creates a folder for the sessions of the test, and closes those that are left open.
func sessionFolder(t *testing.T) daemon.Folder {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", newSessions(t))
	folder, err := daemon.OpenFolder(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// attachAtTerminal opens the prompt of a session.
func attachAtTerminal(t *testing.T, name string) *terminalSession {
	t.Helper()
	s := startAtTerminal(t, "attach", "--no-history", name)
	s.waitFor("attached to " + name)
	return s
}

// succeeds runs the program, and returns its output.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("wsx", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("wsx %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestAttach: two prompts on one session have all commands; Ctrl-] detaches, /close closes the session for both.
func TestAttach(t *testing.T) {
	sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	a := attachAtTerminal(t, "room")
	b := attachAtTerminal(t, "room")
	a.typeKeys("hello\r")
	a.waitFor("< hello")
	b.waitFor("< hello")
	b.typeKeys("/hex 00ff\r")
	a.waitFor("00000000  00 ff")
	a.typeKeys("/ping beat\r")
	a.waitForMatch(`pong.*beat.* [0-9.]+.s`)
	a.typeKeys("/fragment 2 parts\r")
	a.waitFor("< parts")
	a.typeKeys("/on question => answer\r/text the question\r")
	a.waitFor("< answer")
	a.typeKeys("/trace on\rtraced\r")
	a.waitForMatch(`> text +FIN  000 +6 `)
	a.typeKeys("/trace off\r/stats\r")
	a.waitFor("round trips  ")
	a.typeKeys("/info\r")
	a.waitForMatch(`http +HTTP/1.1 101`)
	a.typeKeys("parts\r/expect parts\rlater\r/expect later\r/close 1006\r")
	a.waitFor("close code 1006")
	a.typeKeys("/open ws://127.0.0.1:1\r")
	a.waitFor("error: this session belongs to another process")
	a.typeKeys("half a line\x1d")
	a.waitFor("detached from room, which stays open")
	a.wantExit(0)
	for _, key := range []string{"\x03", "\x04", "/quit\r", "\x1d"} {
		a = attachAtTerminal(t, "room")
		a.end(key, 0)
	}
	if out := succeeds(t, "send", "room", "still open", "-1"); out != "still open\n" {
		t.Errorf("after all have detached: %q", out)
	}
	b.waitFor("< still open")
	a = attachAtTerminal(t, "room")
	a.end("/close 4000 over\r", 0)
	b.waitFor("4000")
	b.wantExit(0)
}

// TestAttachWithDialect: the verbs of the session's dialect are commands, and replies name their verbs.
func TestAttachWithDialect(t *testing.T) {
	sessionFolder(t)
	path := fileWith(t, "mirror.dialect", mirror)
	succeeds(t, "open", "mirror", "--as", path, echoURL(t))
	s := attachAtTerminal(t, "mirror")
	s.typeKeys("/call add 2 {\"a\": 1} \"3\"\r")
	s.waitForMatch(`\(reply add, [0-9.µm]+s\) \[`)
	s.typeKeys("/fail\r")
	s.waitForMatch(`\(error fail, [0-9.µm]+s\) broken`)
	s.typeKeys("/help call\r")
	s.waitFor("/call NAME [ARG...]")
	s.typeKeys("/call\r")
	s.waitFor("call without NAME")
	s.typeKeys("/tell news hello\r")
	s.waitForMatch(`\(news\) \[\s+"hello"`)
	s.discard()
	s.typeKeys("/tell ne\t")
	s.waitFor("/tell news")
	s.end("\x15\x1d", 0)
}

// TestKilledAtThePrompt: after an attached process is killed, the session continues.
func TestKilledAtThePrompt(t *testing.T) {
	sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	s := attachAtTerminal(t, "room")
	s.cmd.Process.Kill()
	s.cmd.Wait()
	if out := succeeds(t, "send", "room", "hello", "-1"); out != "hello\n" {
		t.Errorf("%q", out)
	}
}

// TestKilledSessionEndsThePrompt: when the process of a session is killed, the prompt ends with an error.
func TestKilledSessionEndsThePrompt(t *testing.T) {
	folder := sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	s := attachAtTerminal(t, "room")
	status, err := folder.Status("room")
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(status.PID, syscall.SIGKILL)
	s.waitFor("its process ended without reporting how")
	s.wantExit(7)
}

// TestOpenAtATerminal: open asks for a password, and the session stays open when the terminal is closed.
func TestOpenAtATerminal(t *testing.T) {
	sessionFolder(t)
	bad := servertest.Start(t)
	s := startAtTerminal(t, "open", "mine", "-u", "me", bad.URL("/request?then=silent"))
	s.waitFor("assword of me")
	s.end("secret\r", 0)
	s.keyboard.Close()
	if out := succeeds(t, "recv", "mine", "-1"); !strings.Contains(out, "Authorization: Basic bWU6c2VjcmV0") {
		t.Errorf("%q", out)
	}
	s = startAtTerminal(t, "open", "other", "-u", "me", echoURL(t))
	s.waitFor("assword of me")
	s.end("\x03", 130)
}
