//go:build unix

package terminal

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// TestDumb runs a session on terminals that understand no escape sequence: none is written, the modes do not change, and everything else works.
func TestDumb(t *testing.T) {
	for _, c := range []Config{
		{Env: envOf(map[string]string{"TERM": "dumb"})},
		{Env: envOf(nil)},
		{Env: envOf(map[string]string{"TERM": "xterm", "ACCESSIBLE": "1"})},
		{Env: xterm, Plain: true},
	} {
		s := openPTY(t, 60, 20)
		before := s.modes()
		c.Prompt, c.Colors, c.Hint = "\x1b[31m> ", Colors{Prompt: "32"}, func(string) string { return "hint" }
		terminal := s.open(c)
		lines, end := readAll(terminal)
		s.see(">")
		if s.modes() != before {
			t.Error("the modes are not as they were found")
		}
		s.press("hello\n")
		if got := <-lines; got != "hello" {
			t.Errorf("submitted %q", got)
		}
		terminal.SetStatus("status")
		terminal.Write([]byte("< one\n< two\n"))
		s.see("< one\n< two\n^[[31m>")
		terminal.Write([]byte("< in "))
		terminal.Write([]byte("pieces\n< and "))
		terminal.Unread("< whole")
		s.see("< in pieces\n< and\n< whole\n^[[31m>")
		s.press("half\x15whole\n")
		if got := <-lines; got != "whole" {
			t.Errorf("submitted %q", got)
		}
		s.press("\x04")
		if err := <-end; err != io.EOF {
			t.Errorf("Ctrl-D: %v", err)
		}
		s.checkClose(terminal, before)
		if written := s.written(); strings.Contains(written, "\x1b") || strings.Contains(written, "status") {
			t.Errorf("written was %q", written)
		}
	}
}

func envOf(m map[string]string) func(string) string { return func(key string) string { return m[key] } }

func TestDumbClose(t *testing.T) {
	s := openPTY(t, 60, 20)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> ", Env: func(string) string { return "" }})
	_, end := readAll(terminal)
	s.see(">")
	s.press("half")
	s.see("> half")
	s.checkClose(terminal, before)
	if err := <-end; err != ErrClosed {
		t.Errorf("ReadLine: %v", err)
	}
	terminal.Write([]byte("printed after Close\n"))
	terminal.Restore()
}

func TestDumbSecret(t *testing.T) {
	s := openPTY(t, 60, 20)
	before := s.modes()
	terminal := s.open(Config{Prompt: "> ", Env: func(string) string { return "dumb" }})
	defer terminal.Close()
	answer := make(chan string)
	go func() {
		line, _ := terminal.ReadSecret(context.Background(), "password: ")
		answer <- line
	}()
	s.see("password:")
	s.until("be silent", func() bool {
		s.poke()
		return s.modes() != before
	})
	s.press("pa55\n")
	if got := <-answer; got != "pa55" {
		t.Errorf("the answer is %q", got)
	}
	if s.modes() != before {
		t.Error("the terminal does not echo any more")
	}
	if strings.Contains(s.written(), "pa55") {
		t.Errorf("written was %q", s.written())
	}
	lines, _ := readAll(terminal)
	s.see("password:\n>")
	s.press("hello\n")
	if got := <-lines; got != "hello" {
		t.Errorf("submitted %q", got)
	}
}

func TestDumbHangUp(t *testing.T) {
	s := openPTY(t, 60, 20)
	terminal := s.open(Config{Prompt: "> ", Env: func(string) string { return "" }})
	defer terminal.Close()
	_, end := readAll(terminal)
	s.see(">")
	s.master.Close()
	if err := <-end; err != io.EOF {
		t.Errorf("ReadLine: %v", err)
	}
}

func TestDumbSuspend(t *testing.T) {
	s := openPTY(t, 60, 20)
	terminal := s.open(Config{Prompt: "> ", Env: func(string) string { return "" }})
	defer terminal.Close()
	readAll(terminal)
	s.see(">")
	if err := terminal.Suspend(func() error { _, err := s.tty.WriteString("other program\n"); return err }); err != nil {
		t.Error(err)
	}
	terminal.Write([]byte("< message\n"))
	s.see(">\nother program\n< message\n>")
}

// TestNoTerminal opens a file that is not a terminal.
func TestNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := Open(Config{In: r, Out: w, Env: xterm}); err == nil || !strings.HasPrefix(err.Error(), "set up the terminal: ") {
		t.Errorf("Open: %v", err)
	}
}

// TestSeparateOutput draws on another opening of the terminal than the one that is read, as with standard output in a pipe.
func TestSeparateOutput(t *testing.T) {
	s := openPTY(t, 60, 20)
	before := s.modes()
	out, err := os.OpenFile(s.tty.Name(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	terminal, err := Open(Config{In: s.tty, Out: out, Env: xterm, Prompt: "> "})
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := readAll(terminal)
	s.press("hello\r")
	if got := <-lines; got != "hello" {
		t.Errorf("submitted %q", got)
	}
	s.see("> hello")
	s.checkClose(terminal, before)
}
