//go:build linux || darwin

// Picture draws the README's picture of a terminal: it builds wsx, uses it in a shell on a pseudo-terminal as a person
// would, and writes what the screen shows in the end as an SVG.
//
//	go run ./docs/picture [FILE]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	file := "docs/terminal.svg"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	if err := paint(file); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func paint(file string) error {
	svg, err := picture("./cmd/wsx")
	if err != nil {
		return err
	}
	return os.WriteFile(file, svg, 0o644)
}

// picture is the SVG of a session with the program whose source is in a folder.
func picture(source string) ([]byte, error) {
	home, err := os.MkdirTemp("", "picture")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	program := filepath.Join(home, "wsx")
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w: %s", source, err, out)
	}
	written, err := play(program, home)
	if err != nil {
		return nil, err
	}
	return draw(show(written)), nil
}
