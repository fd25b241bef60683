package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"wsx/terminal"
)

// secretPrompt returns the function that asks for a secret; nil = there is no terminal.
func (u *ui) secretPrompt() func(prompt string) (string, error) {
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	device.Close()
	return u.askSecret
}

// askSecret asks for a secret: at the prompt if there is one, otherwise on the controlling terminal, which need not be standard
// input.
func (u *ui) askSecret(prompt string) (string, error) {
	if u.terminal != nil {
		secret, err := u.terminal.ReadSecret(context.Background(), prompt)
		if errors.Is(err, terminal.ErrInterrupt) {
			err = &reportedError{&signalError{syscall.SIGINT}}
		}
		return secret, err
	}
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer device.Close()
	return readPassword(device, prompt)
}

// readPassword reads a line without echo. On SIGINT, SIGTERM or SIGHUP it restores the terminal and returns a *signalError.
func readPassword(device *os.File, prompt string) (string, error) {
	fd := int(device.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(asked)
	var secret []byte
	read := make(chan error, 1)
	go func() { // ended by a line, or with the program
		var err error
		secret, err = term.ReadPassword(fd)
		read <- err
	}()
	awaitChange(fd, before) // otherwise ReadPassword could change the terminal after a signal has restored it
	fmt.Fprint(device, prompt)
	defer fmt.Fprintln(device)
	select {
	case err := <-read:
		return string(secret), err
	case sig := <-asked:
		term.Restore(fd, before)
		return "", &reportedError{&signalError{sig.(syscall.Signal)}}
	}
}

// awaitChange waits until the state of a terminal has changed, for a second at most: echo may have been off before.
func awaitChange(fd int, before *term.State) {
	for range 1000 {
		if now, err := term.GetState(fd); err != nil || *now != *before {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
