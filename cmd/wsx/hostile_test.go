//go:build linux || darwin

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hinshun/vt10x"

	"wsx/server/servertest"
)

// ownSequences matches the escape sequences that the program itself writes: frames, paste marks, erasing and moving within the prompt.
var ownSequences = regexp.MustCompile(`\x1b\[\?(2026|2004)[hl]|\x1b\[\d*[ABCDKJ]|\x1b[78]|\r`)

// TestHostileOutput: a server sends each hostile payload in each possible place, and no control character of it reaches the terminal.
func TestHostileOutput(t *testing.T) {
	t.Parallel()
	bad := servertest.Start(t)
	places := []string{"text", "binary", "ping", "pong", "close", "header", "subprotocol", "body", "location"}
	for _, place := range places {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			if isFrame := slices.Contains(places[:4], place); isFrame {
				checkScreen(t, bad.URL("/hostile?n=0&as="+place))
				if testing.Short() { // a payload could hide the traces of another one only on the screen, not in the output
					return
				}
			}
			for n := range servertest.Hostile() {
				checkScreen(t, bad.URL(fmt.Sprintf("/hostile?n=%d&as=%s", n+1, place)))
			}
		})
	}
}

func checkScreen(t *testing.T, url string) {
	s := startAtTerminal(t, "-P", "-v", "-s", "chat", url)
	s.cmd.Wait()
	s.terminal.WriteString("$ ")
	s.waitFor("$ ")
	shown := s.shown()
	for _, r := range ownSequences.ReplaceAllString(shown, "") {
		if r != '\n' && r != '\t' && (r == utf8.RuneError || unicode.Is(unicode.C, r)) {
			t.Fatalf("%s: %q was written to the terminal in %q", url, r, shown)
		}
	}
	screen := vt10x.New(vt10x.WithSize(80, 24))
	before := screen.Mode()
	screen.Write([]byte(shown))
	if screen.Title() != "" || screen.Mode() != before {
		t.Errorf("%s: the terminal has the title %q and modes %b, had %b", url, screen.Title(), screen.Mode(), before)
	}
	if !strings.Contains(screen.String(), "$ ") {
		t.Errorf("%s: the shell's prompt is not on the screen", url)
	}
}
