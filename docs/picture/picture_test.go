//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestPicturesAreWhatTheProgramShows draws the pictures anew.
func TestPicturesAreWhatTheProgramShows(t *testing.T) {
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	keyboard.Close()
	terminal.Close()
	program, err := build("../../cmd/wsx")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(filepath.Dir(program))
	for _, p := range pictures() {
		t.Run(p.file, func(t *testing.T) {
			if p.loose && testing.Short() {
				t.Skip("the program measures for seconds")
			}
			content, err := os.ReadFile("../../" + p.file)
			if err != nil {
				t.Fatal(err)
			}
			drawn, err := p.draw(program)
			if err != nil {
				t.Fatal(err)
			}
			got, want := string(drawn), string(content)
			if p.loose {
				got, want = withoutNumbers(got), withoutNumbers(want)
			}
			if got != want {
				t.Errorf("%s is not what the program shows, which is\n%s\ngo run ./docs/picture draws it anew", p.file, got)
			}
		})
	}
}

var (
	shownText = regexp.MustCompile(`>([^<>]*)</text>`)
	// machineLine matches the lines that depend on the speed of the machine.
	machineLine = regexp.MustCompile(`client is the limit|^(met|missed)\b|^p99<`)
	measured    = regexp.MustCompile(`[0-9][0-9.,]*( ?(us|µs|ms|s|%|KiB|MiB|GiB|B)\b)?(/s)?`)
)

// withoutNumbers returns the text of a picture without measurements, and without the lines that only some have.
func withoutNumbers(svg string) string {
	var text []string
	for _, found := range shownText.FindAllStringSubmatch(svg, -1) {
		line := strings.Join(strings.Fields(measured.ReplaceAllString(found[1], "")), " ")
		if line != "" && !machineLine.MatchString(line) {
			text = append(text, line)
		}
	}
	return strings.Join(text, "\n")
}
