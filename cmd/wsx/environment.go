package main

import (
	"os"

	"golang.org/x/term"
)

// environment are what the program is given from outside, made once in main, so that a test can give it others.
type environment struct {
	args   []string // without the program's name
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	getenv func(string) string
	exit   func(int) // for a second interrupt, which waits for nothing
}

// system is the real world.
func system() environment {
	return environment{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, exit: os.Exit,
	}
}

// screenWidth is how many columns a terminal has, 80 if it does not report it.
func screenWidth(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
