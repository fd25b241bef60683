//go:build linux || darwin

// Picture draws the pictures of terminals that README.md shows: it builds wsx, uses it in a shell on a pseudo-terminal as a
// user would, and writes what the screen shows in the end as an SVG.
//
//	go run ./docs/picture [FILE...]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

func main() {
	if err := draw(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// draw draws the pictures of these files, or all.
func draw(files []string) error {
	program, err := build("./cmd/wsx")
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Dir(program))
	for _, p := range pictures() {
		if len(files) > 0 && !slices.Contains(files, p.file) {
			continue
		}
		svg, err := p.draw(program)
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		if err := os.WriteFile(p.file, svg, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build builds the program whose source is in a folder, into a folder of its own.
func build(source string) (program string, err error) {
	home, err := os.MkdirTemp("", "picture")
	if err != nil {
		return "", err
	}
	program = filepath.Join(home, "wsx")
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		os.RemoveAll(home)
		return "", fmt.Errorf("build %s: %w: %s", source, err, out)
	}
	return program, nil
}

// draw returns the SVG of a session with a program.
func (p picture) draw(program string) ([]byte, error) {
	written, err := p.play(program)
	if err != nil {
		return nil, err
	}
	return render(show(written), p.title), nil
}
