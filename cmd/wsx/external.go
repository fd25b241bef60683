package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"strings"
)

// page shows a text in $PAGER, to which the terminal is lent meanwhile.
func (st *ui) page(s environment) func(text []byte) error {
	pager := strings.Fields(cmp.Or(s.getenv("PAGER"), "less"))
	return func(text []byte) error {
		return st.runExternal(s, bytes.NewReader(text), pager...)
	}
}

// edit lets a message be written in $VISUAL or $EDITOR, and returns it without the newline at its end.
func (st *ui) edit(s environment) func() (string, error) {
	return func() (string, error) {
		file, err := os.CreateTemp("", "wsx-*.txt") // 0600
		if err != nil {
			return "", err
		}
		defer os.Remove(file.Name())
		if err := file.Close(); err != nil {
			return "", err
		}
		if err := st.runExternal(s, nil, append(editor(s.getenv), file.Name())...); err != nil {
			return "", err
		}
		text, err := os.ReadFile(file.Name())
		return strings.TrimSuffix(string(text), "\n"), err
	}
}

// runExternal gives the terminal to a program until it ends. Its standard input is the terminal unless input is given.
func (st *ui) runExternal(s environment, input *bytes.Reader, command ...string) error {
	return st.terminal.Suspend(func() error {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = s.stdin, st.screen, s.stderr
		if s.getenv("LESS") == "" {
			cmd.Env = append(os.Environ(), "LESS=FRX") // colours are shown, and a text of one screen stays on it
		}
		if input != nil {
			cmd.Stdin = input
		}
		return cmd.Run()
	})
}
