//go:build linux || darwin

package main

import (
	"os"
	"testing"

	"github.com/creack/pty"
)

// TestPictureIsWhatTheProgramShows draws the picture anew.
func TestPictureIsWhatTheProgramShows(t *testing.T) {
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	keyboard.Close()
	terminal.Close()
	want, err := os.ReadFile("../terminal.svg")
	if err != nil {
		t.Fatal(err)
	}
	got, err := picture("../../cmd/wsx")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("docs/terminal.svg is not what the program shows, which is\n%s\ngo run ./docs/picture draws it anew", got)
	}
}
