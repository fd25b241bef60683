//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestJSONOverSeveralLines: Enter continues JSON until it is complete; Enter twice submits it.
func TestJSONOverSeveralLines(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "-f", "raw", "echo:")
	s.typeKeys("{\"a\":\r")
	s.waitFor("Enter again submits the line as it is")
	s.typeKeys("1}\r")
	s.waitForRows("{\"a\":\n1}")
	s.typeKeys("[oops\r\r")
	s.waitForRows("[oops")
	s.typeKeys("{\"a\": nope}\r")
	s.waitFor("not JSON: Enter again submits the line as it is")
	s.typeKeys("\r")
	s.waitForRows("{\"a\": nope}")
	s.typeKeys("[\"one\"\n,2]\r") // a line feed after other characters is Enter
	s.waitForRows("[\"one\"\n,2]")
	s.typeKeys("end\r")
	s.waitForRows("end")
	s.end("\x04", 0)
}

// TestTypedJSONColours: tokens have colours, and the bracket at the cursor and its partner are marked.
func TestTypedJSONColours(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "--color", "always", "echo:")
	s.typeKeys(`/text {"a": [tru`)
	s.waitFor("/text {\x1b[1;34m\"a\"\x1b[0m: [\x1b[31mtru\x1b[0m")
	s.typeKeys("e]}")
	s.waitFor("/text \x1b[1;4m{\x1b[0m\x1b[1;34m\"a\"\x1b[0m: [\x1b[33mtrue\x1b[0m]\x1b[1;4m}\x1b[0m")
	s.end("\r\x04", 0)
}

// TestNewUsersSeeHelp: the connect line names /help and Ctrl-D until some lines are in the history.
func TestNewUsersSeeHelp(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	s := startAtTerminal(t, "echo:")
	s.waitForMatch(`; /help,\s+Ctrl-D ends`)
	for i := range tipLines {
		s.typeKeys(strings.Repeat("x", i+1) + "\r")
		s.waitForRows("< " + strings.Repeat("x", i+1))
	}
	s.end("\x04", 0)
	for _, args := range [][]string{{"echo:"}, {"--no-history", "echo:"}} {
		s = startAtTerminal(t, args...)
		s.waitFor("HTTP/1.1)")
		s.typeKeys("done\r")
		s.waitForRows("< done")
		if strings.Contains(s.shown(), "/help") {
			t.Errorf("%q still shows it: %q", args, s.shown())
		}
		s.end("\x04", 0)
	}
}

// TestHistorySuggestions types the beginning of an earlier line and accepts the rest.
func TestHistorySuggestions(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--color", "always", "-f", "raw", "echo:")
	s.typeKeys("subscribe to everything\r")
	s.waitForRows("subscribe to everything")
	s.typeKeys("sub")
	s.waitFor("sub\x1b[2mscribe to everything\x1b[0m")
	s.typeKeys("\x1bf only\r")
	s.waitForRows("subscribe only")
	s.typeKeys("subscribe t\x1b[C!\r")
	s.waitForRows("subscribe to everything!")
	s.discard()
	s.typeKeys("sub\x1b[A\x1b[A\r") // Up searches lines with this beginning
	s.waitForRows("subscribe only")
	s.end("\x04", 0)
}

// TestKeptMessages keeps a sent message, and sends it in another session with the same server.
func TestKeptMessages(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	s := connectAtTerminal(t, "--no-history", "-f", "raw", "echo:")
	s.typeKeys("/keep greeting\r")
	s.waitFor("error: no message has been sent yet")
	s.typeKeys("hello there\r")
	s.waitForRows("hello there")
	s.typeKeys("/keep greeting\r")
	s.waitFor("saved as greeting: /send greeting sends it")
	s.typeKeys("/hex 00ff\r/keep bytes\r/keep ../etc\r")
	s.waitFor(`error: invalid name "../etc" for a message`)
	s.end("\x04", 0)

	s = connectAtTerminal(t, "--no-history", "-f", "raw", "echo:")
	s.typeKeys("/send none\r")
	s.waitFor(`error: there is no message "none": known messages are bytes, greeting`)
	s.typeKeys("/send gr\t\r")
	s.waitForRows("hello there")
	s.end("\x04", 0)
	file := filepath.Join(home, "wsx", "messages", "echo", "greeting.txt")
	if text, err := os.ReadFile(file); err != nil || string(text) != "hello there" {
		t.Errorf("%s is %q, %v", file, text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v, %v", file, info.Mode(), err)
	}
}

// TestPrettyCommand formats its argument, the last sent message, and, with Ctrl-X Ctrl-P, the typed line.
func TestPrettyCommand(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "-f", "raw", "echo:")
	s.typeKeys("/pretty {\"a\":[1]}\r")
	s.waitFor("> {\r\n    \"a\": [\r\n      1\r\n    ]\r\n  }")
	s.typeKeys("\r")
	s.waitForRows("{\n  \"a\": [\n    1\n  ]\n}")
	s.typeKeys("/pretty\r")
	s.waitFor("> {\"a\":[1]}")
	s.typeKeys("\x18\x10\r")
	s.waitFor("    \"a\": [")
	s.typeKeys("/pretty nothing\r")
	s.waitFor("error: it is not a JSON object or array")
	s.end("\x04", 0)
}

// TestTabCompletesJSON offers the keys and values of earlier messages.
func TestTabCompletesJSON(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "-f", "raw", "echo:")
	s.typeKeys("{\"channel\":\"ticker\",\"depth\":10}\r")
	s.waitForRows("{\"channel\":\"ticker\",\"depth\":10}")
	s.typeKeys("{\"ch\tt\x7f\"\t}\r")
	s.waitForRows("{\"channel\": \"ticker\"}")
	s.end("\x04", 0)
}

func TestSimilarCommand(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "echo:")
	s.typeKeys("/pign\r")
	s.waitFor("error: unknown command /pign: did you mean /ping? //pign sends it as a message")
	s.end("\x04", 0)
}

// TestCtrlCCancelsACommand: Ctrl-C ends a running command, the session continues, and queued lines return to the prompt.
func TestCtrlCCancelsACommand(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "-f", "raw", "--expect-timeout", "1h", "echo:")
	for _, command := range []string{"/expect never", "/wait 1h"} {
		s.typeKeys(command + "\r")
		s.waitFor(command + " ... ")
		s.typeKeys("first\rsecond\r")
		s.waitFor("queued: second")
		s.typeKeys("\x03")
		s.waitFor("cancelled\r\n")
		s.waitFor("> first\r\n  second")
		s.typeKeys("!\r")
		s.waitForRows("first\nsecond!")
		s.discard()
	}
	s.end("\x03", 0)
}

// TestPlainPrompt: with --plain the terminal edits the line, and no escape sequence is written.
func TestPlainPrompt(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--plain", "echo:")
	s.typeKeys("{\"a\":\n")
	s.waitFor("< {\"a\":\r\n")
	s.end("\x04", 0)
	if shown := s.shown(); strings.Contains(shown, "\x1b") {
		t.Errorf("the screen: %q", shown)
	}
}

// TestUnusableHistory: with a directory in place of the history a note is shown, and the prompt works.
func TestUnusableHistory(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	os.MkdirAll(filepath.Join(home, "wsx", "history"), 0o700)
	s := startAtTerminal(t, "echo:")
	s.waitFor("wsx/history is not a")
	s.waitFor("connected")
	s.typeKeys("hello\r")
	s.waitFor("< hello")
	s.end("\x04", 0)
}

// TestNotesAreWrappedAtWords: no row is wider than the screen.
func TestNotesAreWrappedAtWords(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "--no-history", "--trace", "echo:")
	s.typeKeys("/help\r") // each once the one before has printed: a queued line is on the row of the prompt
	s.waitFor("or explain one")
	s.typeKeys("/info\r")
	s.waitForMatch(`http +HTTP/1.1 101`)
	s.typeKeys("/nothing but a line\r")
	s.waitFor("sends it as a\r\n  message\r\n")
	s.end("/quit\r", 0)
	for row := range strings.SplitSeq(s.shown(), "\r\n") {
		if text := escapes.ReplaceAllString(row, ""); len(text) > 80 {
			t.Errorf("%d columns: %q", len(text), text)
		}
	}
}

// escapes matches the escape sequences of the prompt.
var escapes = regexp.MustCompile("\x1b(\\[[0-9;?]*[A-Za-z]|[78])|\r")
