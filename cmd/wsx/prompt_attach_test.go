//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wsx/daemon"
	"wsx/server/servertest"
)

// newSessions returns a folder for $XDG_RUNTIME_DIR, and has what is left open in it closed when the test ends.
func newSessions(t *testing.T) string {
	t.Helper()
	run, err := os.MkdirTemp("", "wsx") // shorter than that of the test, for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		folder, err := daemon.OpenFolder(func(string) string { return run })
		if err != nil {
			t.Error(err)
			return
		}
		names, _ := folder.Names()
		for _, name := range names {
			folder.Close(name, nil)
		}
		os.RemoveAll(run)
	})
	return run
}

// sessionFolder gives the test a folder for its sessions, and closes those that it leaves open.
func sessionFolder(t *testing.T) daemon.Folder {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", newSessions(t))
	folder, err := daemon.OpenFolder(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// succeeds runs the program, and returns what it prints.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("wsx", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("wsx %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestAttach has two prompts on one session, each with all commands; Ctrl-] leaves it open, /close closes it for both.
func TestAttach(t *testing.T) {
	sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	a := sit(t, "attach", "--no-history", "room")
	a.sees("attached to room")
	b := sit(t, "attach", "--no-history", "room")
	b.sees("attached to room")
	a.types("hello\r")
	a.sees("< hello")
	b.sees("< hello")
	b.types("/hex 00ff\r")
	a.sees("00000000  00 ff")
	a.types("/ping beat\r")
	a.seesMatch(`pong.*beat.* [0-9.]+.s`)
	a.types("/fragment 2 parts\r")
	a.sees("< parts")
	a.types("/on question => answer\r/text the question\r")
	a.sees("< answer")
	a.types("/trace on\rtraced\r")
	a.seesMatch(`> text +FIN  000 +6 `)
	a.types("/trace off\r/stats\r")
	a.sees("round trips  ")
	a.types("/info\r")
	a.seesMatch(`http +HTTP/1.1 101`)
	a.types("/expect parts\rlater\r/expect later\r/close 1006\r")
	a.sees("close code 1006")
	a.types("/open ws://127.0.0.1:1\r")
	a.sees("error: this session belongs to another process")
	a.types("half a line\x1d")
	a.sees("left room, which stays open")
	a.leaves(0)
	for _, key := range []string{"\x03", "\x04", "/quit\r", "\x1d"} {
		a = sit(t, "attach", "--no-history", "room")
		a.sees("attached to room")
		a.types(key)
		a.leaves(0)
	}
	if out := succeeds(t, "send", "room", "still there", "-1"); out != "still there\n" {
		t.Errorf("after all have left: %q", out)
	}
	b.sees("< still there")
	a = sit(t, "attach", "--no-history", "room")
	a.sees("attached to room")
	a.types("/close 4000 over\r")
	a.leaves(0)
	b.sees("4000")
	b.leaves(0)
}

// TestAttachWithDialect has the verbs of the session's dialect as commands, and replies by their verbs.
func TestAttachWithDialect(t *testing.T) {
	sessionFolder(t)
	path := filepath.Join(t.TempDir(), "mirror.dialect")
	if err := os.WriteFile(path, []byte(mirror), 0o600); err != nil {
		t.Fatal(err)
	}
	succeeds(t, "open", "mirror", "--as", path, echoURL(t))
	s := sit(t, "attach", "--no-history", "mirror")
	s.sees("attached to mirror")
	s.types("/call add 2 {\"a\": 1} \"3\"\r")
	s.seesMatch(`\(reply add, [0-9.µm]+s\) \[`)
	s.types("/fail\r")
	s.seesMatch(`\(error fail, [0-9.µm]+s\) broken`)
	s.types("/help call\r")
	s.sees("/call NAME [ARG...]")
	s.types("/call\r")
	s.sees("call without NAME")
	s.types("/tell news hello\r")
	s.seesMatch(`\(news\) \[\s+"hello"`)
	s.forget()
	s.types("/tell ne\t")
	s.sees("/tell news")
	s.types("\x15\x1d")
	s.leaves(0)
}

// TestKilledAtThePrompt kills a process that is attached: the session goes on.
func TestKilledAtThePrompt(t *testing.T) {
	sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	s := sit(t, "attach", "--no-history", "room")
	s.sees("attached to room")
	s.cmd.Process.Kill()
	s.cmd.Wait()
	if out := succeeds(t, "send", "room", "hello", "-1"); out != "hello\n" {
		t.Errorf("%q", out)
	}
}

// TestKilledSessionEndsThePrompt kills the process of a session.
func TestKilledSessionEndsThePrompt(t *testing.T) {
	folder := sessionFolder(t)
	succeeds(t, "open", "room", echoURL(t))
	s := sit(t, "attach", "--no-history", "room")
	s.sees("attached to room")
	status, err := folder.Status("room")
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(status.PID, syscall.SIGKILL)
	s.sees("its process ended before it could tell how")
	s.leaves(7)
}

// TestOpenAtATerminal asks for a password, and leaves the session open when the terminal is closed.
func TestOpenAtATerminal(t *testing.T) {
	sessionFolder(t)
	bad := servertest.Start(t)
	s := sit(t, "open", "mine", "-u", "me", bad.URL("/request?then=silent"))
	s.sees("assword of me")
	s.types("secret\r")
	s.leaves(0)
	s.keyboard.Close()
	if out := succeeds(t, "recv", "mine", "-1"); !strings.Contains(out, "Authorization: Basic bWU6c2VjcmV0") {
		t.Errorf("%q", out)
	}
	s = sit(t, "open", "other", "-u", "me", echoURL(t))
	s.sees("assword of me")
	s.types("\x03")
	s.leaves(130)
}
