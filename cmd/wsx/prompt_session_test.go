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

// TestFailedOpenKeepsTheSession: after an /open that fails, the session continues.
func TestFailedOpenKeepsTheSession(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, echoURL(t))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	s.typeKeys("/open ws://" + free.Addr().String() + "/\r")
	s.waitFor("error: ")
	s.waitFor("refused")
	s.typeKeys("still open\r")
	s.waitFor("< still open")
	s.typeKeys("/open ftp://nowhere\r/open " + echoURL(t) + "chat\r")
	s.waitFor("* disconnected: 1000")
	s.waitFor("chat (")
	s.typeKeys("there\r")
	s.waitFor("< there")
	s.end("/quit\r", 0)
}

// TestPromptAfterLoss: Enter connects again, commands without a connection work, and typed lines are not lost.
func TestPromptAfterLoss(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	file := filepath.Join(t.TempDir(), "last")
	s := connectAtTerminal(t, bad.URL("/flaky?id=prompt&n=2&after=1"))
	s.typeKeys("x\r")
	s.waitFor("Enter reconnects")
	s.typeKeys("/format\rlost\r")
	s.waitFor("format pretty")
	s.waitFor("error: not connected: press Enter on an empty line to reconnect")
	s.typeKeys("\x15\r")
	s.until(func() bool { return strings.Count(s.shown(), "* connected to ") == 2 })
	s.typeKeys("y\r")
	s.until(func() bool { return strings.Count(s.shown(), "Enter reconnects, /quit ends") == 2 })
	s.typeKeys("/reconnect\r")
	s.until(func() bool { return strings.Count(s.shown(), "* connected to ") == 3 })
	s.typeKeys("/hex 00ff\r")
	s.waitFor("00000000  00 ff")
	s.typeKeys("/save " + file + "\r")
	s.waitFor("2 bytes in " + file)
	if content, err := os.ReadFile(file); err != nil || string(content) != "\x00\xff" {
		t.Errorf("saved %q, %v", content, err)
	}
	s.end("/quit\r", 0)

	s = connectAtTerminal(t, bad.URL("/drop?after=1"))
	s.typeKeys("x\r")
	s.waitFor("Enter reconnects")
	s.end("\x04", 7)
}

// TestCtrlCWhileClosing: Ctrl-C ends the wait for a server that does not answer our Close.
func TestCtrlCWhileClosing(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	s := connectAtTerminal(t, "--close-timeout", "1h", bad.URL("/noclose"))
	s.typeKeys("/quit\r")
	s.waitFor("* closing: 1000")
	s.end("\x03", 0)
}

// TestOpenCurl: /open accepts a curl command of several lines, and /curl writes one that is not wrapped at the edge of the screen.
func TestOpenCurl(t *testing.T) {
	t.Parallel()
	s := connectAtTerminal(t, "-u", "me:secret", echoURL(t))
	s.typeKeys("/curl\r")
	s.waitFor("-u 'me:[redacted]'")
	s.typeKeys("/open \x1b[200~curl '" + echoURL(t) + "chat' \\\n  -H 'X-Note: " + strings.Repeat("long and ", 12) + "longer' \\\n  -b 'id=1'\x1b[201~\r")
	s.waitFor("chat (")
	s.typeKeys("there\r")
	s.waitFor("< there")
	s.discard()
	s.typeKeys("/curl\r")
	s.waitFor("-H 'X-Note: " + strings.Repeat("long and ", 12) + "longer' -b 'id=[redacted]'")
	s.typeKeys("/open curl x --data-raw y\r")
	s.waitFor("error: curl's option --data-raw")
	s.end("/quit\r", 0)
}

// TestPasteAtATerminal: --paste reads a command line to its end, then the prompt is shown.
func TestPasteAtATerminal(t *testing.T) {
	t.Parallel()
	url := echoURL(t)
	s := startAtTerminal(t, "--paste")
	s.waitFor("paste a command line")
	s.typeKeys("curl '" + url + "' \\\n")
	s.typeKeys("  -H 'X-Note: 1'\n")
	s.waitFor("connected")
	s.typeKeys("hello\r")
	s.waitFor("< hello")
	s.end("/quit\r", 0)
}

// TestOpenContext: /open accepts a context, with its own token.
func TestOpenContext(t *testing.T) {
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
	s := connectAtTerminal(t, "-u", "me:secret", url)
	s.typeKeys("/open @spoken\r")
	s.waitFor("/open cannot change the protocol")
	s.typeKeys("/open @unknown\r")
	s.waitFor("known contexts: @other, @spoken")
	s.typeKeys("/open @other\r")
	s.waitFor("other (")
	s.typeKeys("/curl\r")
	s.waitFor("-H 'Authorization: Bearer [redacted]' -H 'X-Note: 1'")
	s.end("/quit\r", 0)
}
