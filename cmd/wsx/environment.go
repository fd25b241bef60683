package main

import (
	"os"

	"golang.org/x/term"
)

// environment has everything that the program gets from outside, so that tests can replace it.
type environment struct {
	args   []string // without the program's name
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	getenv func(string) string
	exit   func(int) // ends the process at once, after a second interrupt or a panic
}

// system returns the environment of the process.
func system() environment {
	return environment{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, exit: os.Exit,
	}
}

// screenWidth returns the number of columns of a terminal, 80 if it is unknown.
func screenWidth(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
