package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// ask asks for a secret: at the prompt if there is one, else on the terminal that controls us, which need not be
// standard input.
func (st *stage) ask(prompt string) (string, error) {
	if st.terminal != nil {
		return st.terminal.ReadSecret(context.Background(), prompt)
	}
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask on")
	}
	defer device.Close()
	fmt.Fprint(device, prompt)
	secret, err := term.ReadPassword(int(device.Fd()))
	fmt.Fprintln(device)
	return string(secret), err
}
