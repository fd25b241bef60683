//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestJSONIsTypedOverSeveralLines continues JSON with Enter until it is complete, or Enter comes twice.
func TestJSONIsTypedOverSeveralLines(t *testing.T) {
	s := sit(t, "--no-history", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("{\"a\":\r")
	s.sees("Enter again submits the line as it is")
	s.types("1}\r")
	s.receives("{\"a\":\n1}")
	s.types("[oops\r\r")
	s.receives("[oops")
	s.types("{\"a\": nope}\r")
	s.sees("not JSON: Enter again submits the line as it is")
	s.types("\r")
	s.receives("{\"a\": nope}")
	s.types("[\"one\"\n,2]\r") // a line feed behind other characters is Enter
	s.receives("[\"one\"\n,2]")
	s.types("end\r")
	s.receives("end")
	s.types("\x04")
	s.leaves(0)
}

// TestTypedJSONIsColoured looks at what is drawn of a line: its parts have colours, the bracket at the cursor and its partner are marked.
func TestTypedJSONIsColoured(t *testing.T) {
	s := sit(t, "--no-history", "--color", "always", "echo:")
	s.sees("connected")
	s.types(`/text {"a": [tru`)
	s.sees("/text {\x1b[1;34m\"a\"\x1b[0m: [\x1b[31mtru\x1b[0m")
	s.types("e]}")
	s.sees("/text \x1b[1;4m{\x1b[0m\x1b[1;34m\"a\"\x1b[0m: [\x1b[33mtrue\x1b[0m]\x1b[1;4m}\x1b[0m")
	s.types("\r\x04")
	s.leaves(0)
}

// TestNewUsersSeeHowToEnd shows the help and the key that ends until some lines are in the history.
func TestNewUsersSeeHowToEnd(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	s := sit(t, "echo:")
	s.seesMatch(`; /help,\s+Ctrl-D ends`)
	for i := range newcomerLines {
		s.types(strings.Repeat("x", i+1) + "\r")
		s.receives("< " + strings.Repeat("x", i+1))
	}
	s.types("\x04")
	s.leaves(0)
	for _, args := range [][]string{{"echo:"}, {"--no-history", "echo:"}} {
		s = sit(t, args...)
		s.sees("HTTP/1.1)")
		s.types("done\r")
		s.receives("< done")
		if strings.Contains(s.shown(), "/help") {
			t.Errorf("%q still shows it: %q", args, s.shown())
		}
		s.types("\x04")
		s.leaves(0)
	}
}

// TestTheHistorySuggests types the beginning of an earlier line and accepts the rest.
func TestTheHistorySuggests(t *testing.T) {
	s := sit(t, "--color", "always", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("subscribe to everything\r")
	s.receives("subscribe to everything")
	s.types("sub")
	s.sees("sub\x1b[2mscribe to everything\x1b[0m")
	s.types("\x1bf only\r")
	s.receives("subscribe only")
	s.types("subscribe t\x1b[C!\r")
	s.receives("subscribe to everything!")
	s.forget()
	s.types("sub\x1b[A\x1b[A\r") // Up goes through what begins so
	s.receives("subscribe only")
	s.types("\x04")
	s.leaves(0)
}

// TestMessagesWithNames keeps what was sent, and sends it in another session with the same server.
func TestMessagesWithNames(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	s := sit(t, "--no-history", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("/keep greeting\r")
	s.sees("error: no message was sent yet")
	s.types("hello there\r")
	s.receives("hello there")
	s.types("/keep greeting\r")
	s.sees("kept as greeting: /send greeting sends it")
	s.types("/hex 00ff\r/keep bytes\r/keep ../etc\r")
	s.sees(`error: a message cannot be called "../etc"`)
	s.types("\x04")
	s.leaves(0)

	s = sit(t, "--no-history", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("/send none\r")
	s.sees(`error: no message is called "none"; there are bytes, greeting`)
	s.types("/send gr\t\r")
	s.receives("hello there")
	s.types("\x04")
	s.leaves(0)
	file := filepath.Join(home, "wsx", "messages", "echo", "greeting.txt")
	if text, err := os.ReadFile(file); err != nil || string(text) != "hello there" {
		t.Errorf("%s is %q, %v", file, text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v, %v", file, info.Mode(), err)
	}
}

// TestPrettyPutsJSONToThePrompt reformats what stands behind the command, what was sent, and, with Ctrl-X Ctrl-P, what is typed.
func TestPrettyPutsJSONToThePrompt(t *testing.T) {
	s := sit(t, "--no-history", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("/pretty {\"a\":[1]}\r")
	s.sees("> {\r\n    \"a\": [\r\n      1\r\n    ]\r\n  }")
	s.types("\r")
	s.receives("{\n  \"a\": [\n    1\n  ]\n}")
	s.types("/pretty\r")
	s.sees("> {\"a\":[1]}")
	s.types("\x18\x10\r")
	s.sees("    \"a\": [")
	s.types("/pretty nothing\r")
	s.sees("error: it is not a JSON object or array")
	s.types("\x04")
	s.leaves(0)
}

// TestTabCompletesJSON offers the keys and values of earlier messages.
func TestTabCompletesJSON(t *testing.T) {
	s := sit(t, "--no-history", "-f", "raw", "echo:")
	s.sees("connected")
	s.types("{\"channel\":\"ticker\",\"depth\":10}\r")
	s.receives("{\"channel\":\"ticker\",\"depth\":10}")
	s.types("{\"ch\tt\x7f\"\t}\r")
	s.receives("{\"channel\": \"ticker\"}")
	s.types("\x04")
	s.leaves(0)
}

func TestAnUnknownCommandIsLikeAKnownOne(t *testing.T) {
	s := sit(t, "--no-history", "echo:")
	s.sees("connected")
	s.types("/pign\r")
	s.sees("error: unknown command /pign: did you mean /ping? //pign sends it as a message")
	s.types("\x04")
	s.leaves(0)
}

// TestCtrlCCancelsACommand presses Ctrl-C while a command runs: it ends, the session goes on, and lines that wait are at the prompt.
func TestCtrlCCancelsACommand(t *testing.T) {
	s := sit(t, "--no-history", "-f", "raw", "--expect-timeout", "1h", "echo:")
	s.sees("connected")
	for _, command := range []string{"/expect never", "/wait 1h"} {
		s.types(command + "\r")
		s.sees(command + " ... ")
		s.types("first\rsecond\r")
		s.sees("queued: second")
		s.types("\x03")
		s.sees("cancelled\r\n")
		s.sees("> first\r\n  second")
		s.types("!\r")
		s.receives("first\nsecond!")
		s.forget()
	}
	s.types("\x03")
	s.leaves(0)
}

// TestAPlainPrompt has the terminal edit the line: no escape sequence is written.
func TestAPlainPrompt(t *testing.T) {
	s := sit(t, "--plain", "echo:")
	s.sees("connected")
	s.types("{\"a\":\n")
	s.sees("< {\"a\":\r\n")
	s.types("\x04")
	s.leaves(0)
	if shown := s.shown(); strings.Contains(shown, "\x1b") {
		t.Errorf("the screen: %q", shown)
	}
}

// TestAHistoryThatCannotBe has a directory where the history should be: a note says so, and the prompt is there.
func TestAHistoryThatCannotBe(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	os.MkdirAll(filepath.Join(home, "wsx", "history"), 0o700)
	s := sit(t, "echo:")
	s.sees("wsx/history is not a")
	s.sees("connected")
	s.types("hello\r")
	s.sees("< hello")
	s.types("\x04")
	s.leaves(0)
}

// TestNotesAreWrappedAtWords looks for rows that are wider than the screen.
func TestNotesAreWrappedAtWords(t *testing.T) {
	s := sit(t, "--no-history", "--trace", "echo:")
	s.sees("connected")
	s.types("/help\r/info\r/nothing but a line\r")
	s.sees("sends it as a\r\n  message\r\n")
	s.types("/quit\r")
	s.leaves(0)
	for row := range strings.SplitSeq(s.shown(), "\r\n") {
		if text := escapes.ReplaceAllString(row, ""); len(text) > 80 {
			t.Errorf("%d columns: %q", len(text), text)
		}
	}
}

// escapes are the escape sequences that the prompt is drawn with.
var escapes = regexp.MustCompile("\x1b(\\[[0-9;?]*[A-Za-z]|[78])|\r")
