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
		secret, err := st.terminal.ReadSecret(context.Background(), prompt)
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

// readPassword reads a line without echo. At a signal that asks us to go it restores the terminal.
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
	awaitChange(fd, before) // else a signal might have it changed after it was restored
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

// awaitChange waits until a terminal is no longer in a state, but not for ever: it may have been without echo before.
func awaitChange(fd int, before *term.State) {
	for range 1000 {
		if now, err := term.GetState(fd); err != nil || *now != *before {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
