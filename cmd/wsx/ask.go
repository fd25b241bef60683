package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// asker asks for secrets on the terminal, which need not be standard input; nil if there is none.
func asker(s surroundings) func(prompt string) (string, error) {
	return func(prompt string) (string, error) {
		terminal, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
		if err != nil {
			return "", fmt.Errorf("there is no terminal to ask on")
		}
		defer terminal.Close()
		fmt.Fprint(terminal, prompt)
		secret, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(terminal)
		return string(secret), err
	}
}
