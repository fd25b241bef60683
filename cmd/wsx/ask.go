package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"
)

// asker asks for secrets; nil = there is no terminal to ask on.
func (st *ui) asker() func(prompt string) (string, error) {
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	device.Close()
	return st.ask
}

// ask asks for a secret: at the prompt if there is one, else on the terminal that controls us, which need not be
// standard input.
func (st *ui) ask(prompt string) (string, error) {
	if st.terminal != nil {
		return st.terminal.ReadSecret(context.Background(), prompt)
	}
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer device.Close()
	fmt.Fprint(device, prompt)
	secret, err := term.ReadPassword(int(device.Fd()))
	fmt.Fprintln(device)
	return string(secret), err
}
