//go:build linux || darwin

package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/server/servertest"
)

// TestOpenKeepsTheSessionUnlessItWorks: a wrong address is an error line, and the session goes on.
func TestOpenKeepsTheSessionUnlessItWorks(t *testing.T) {
	s := sit(t, echoURL(t))
	s.sees("connected")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	s.types("/open ws://" + free.Addr().String() + "/\r")
	s.sees("error: ")
	s.sees("refused")
	s.types("still here\r")
	s.sees("< still here")
	s.types("/open ftp://nowhere\r/open " + echoURL(t) + "chat\r")
	s.sees("* disconnected: 1000")
	s.sees("chat (")
	s.types("there\r")
	s.sees("< there")
	s.types("/quit\r")
	s.leaves(0)
}

// TestALossKeepsThePrompt: Enter connects again, what needs no connection works, and what is typed is not lost.
func TestALossKeepsThePrompt(t *testing.T) {
	bad := servertest.Start(t)
	file := filepath.Join(t.TempDir(), "last")
	s := sit(t, bad.URL("/flaky?id=prompt&n=2&after=1"))
	s.sees("connected")
	s.types("x\r")
	s.sees("Enter connects again")
	s.types("/format\rlost\r")
	s.sees("format pretty")
	s.sees("error: not connected: Enter on an empty line connects again")
	s.types("\x15\r")
	s.until(func() bool { return strings.Count(s.shown(), "* connected to ") == 2 })
	s.types("y\r")
	s.until(func() bool { return strings.Count(s.shown(), "Enter connects again, /quit ends") == 2 })
	s.types("/reconnect\r")
	s.until(func() bool { return strings.Count(s.shown(), "* connected to ") == 3 })
	s.types("/hex 00ff\r")
	s.sees("00000000  00 ff")
	s.types("/save " + file + "\r")
	s.sees("2 bytes in " + file)
	if content, err := os.ReadFile(file); err != nil || string(content) != "\x00\xff" {
		t.Errorf("saved %q, %v", content, err)
	}
	s.types("/quit\r")
	s.leaves(0)

	s = sit(t, bad.URL("/drop?after=1"))
	s.sees("connected")
	s.types("x\r")
	s.sees("Enter connects again")
	s.types("\x04")
	s.leaves(7)
}

// TestCtrlCWhileClosingEndsAtOnce: a server that does not answer our Close keeps the prompt only as long as the user likes.
func TestCtrlCWhileClosingEndsAtOnce(t *testing.T) {
	bad := servertest.Start(t)
	s := sit(t, "--close-timeout", "1h", bad.URL("/noclose"))
	s.sees("connected")
	s.types("/quit\r")
	s.sees("* closing: 1000")
	s.types("\x03")
	s.leaves(0)
}

// TestOpenTakesALineOfCurl, of several lines as a browser copies it, and /curl writes one that is not broken at the screen's edge.
func TestOpenTakesALineOfCurl(t *testing.T) {
	s := sit(t, "-u", "me:secret", echoURL(t))
	s.sees("connected")
	s.types("/curl\r")
	s.sees("-u 'me:[redacted]'")
	s.types("/open \x1b[200~curl '" + echoURL(t) + "chat' \\\n  -H 'X-Note: " + strings.Repeat("long and ", 12) + "longer' \\\n  -b 'id=1'\x1b[201~\r")
	s.sees("chat (")
	s.types("there\r")
	s.sees("< there")
	s.forget()
	s.types("/curl\r")
	s.sees("-H 'X-Note: " + strings.Repeat("long and ", 12) + "longer' -b 'id=[redacted]'")
	s.types("/open curl x --data-raw y\r")
	s.sees("error: curl's option --data-raw")
	s.types("/quit\r")
	s.leaves(0)
}

// TestPasteAtATerminal: the line is read up to its end, and then there is a prompt.
func TestPasteAtATerminal(t *testing.T) {
	url := echoURL(t)
	s := sit(t, "--paste")
	s.sees("paste a command line")
	s.types("curl '" + url + "' \\\n")
	s.types("  -H 'X-Note: 1'\n")
	s.sees("connected")
	s.types("hello\r")
	s.sees("< hello")
	s.types("/quit\r")
	s.leaves(0)
}

// TestOpenTakesAContext, whose token is not that of the first server.
func TestOpenTakesAContext(t *testing.T) {
	url, config := echoURL(t), t.TempDir()
	text := "[other]\nurl = \"" + url + "other\"\nheaders = [\"X-Note: 1\"]\nbearer = \"abc\"\n[spoken]\nurl = \"" + url + "\"\nas = \"socketio\"\n"
	err := os.Mkdir(filepath.Join(config, "wsx"), 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(config, "wsx", "config"), []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", config)
	s := sit(t, "-u", "me:secret", url)
	s.sees("connected")
	s.types("/open @spoken\r")
	s.sees("/open does not change the protocol")
	s.types("/open @nobody\r")
	s.sees("there are @other, @spoken")
	s.types("/open @other\r")
	s.sees("other (")
	s.types("/curl\r")
	s.sees("-H 'Authorization: Bearer [redacted]' -H 'X-Note: 1'")
	s.types("/quit\r")
	s.leaves(0)
}
