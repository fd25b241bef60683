package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"strings"
)

// page returns a function that shows a text in $PAGER.
func (u *ui) page(s environment) func(text []byte) error {
	pager := strings.Fields(cmp.Or(s.getenv("PAGER"), "less"))
	return func(text []byte) error {
		return u.runExternal(s, bytes.NewReader(text), pager...)
	}
}

// edit returns a function that opens $VISUAL or $EDITOR and returns the text written there, without its last newline.
func (u *ui) edit(s environment) func() (string, error) {
	return func() (string, error) {
		file, err := os.CreateTemp("", "wsx-*.txt") // 0600
		if err != nil {
			return "", err
		}
		defer os.Remove(file.Name())
		if err := file.Close(); err != nil {
			return "", err
		}
		if err := u.runExternal(s, nil, append(editor(s.getenv), file.Name())...); err != nil {
			return "", err
		}
		text, err := os.ReadFile(file.Name())
		return strings.TrimSuffix(string(text), "\n"), err
	}
}

// runExternal suspends the prompt while a program uses the terminal. The program's standard input is the terminal, unless input
// is given.
func (u *ui) runExternal(s environment, input *bytes.Reader, command ...string) error {
	return u.terminal.Suspend(func() error {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = s.stdin, u.screen, s.stderr
		if s.getenv("LESS") == "" {
			cmd.Env = append(os.Environ(), "LESS=FRX") // shows colours, and does not page a text that fits on the screen
		}
		if input != nil {
			cmd.Stdin = input
		}
		return cmd.Run()
	})
}
