package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"wsx/client/dial"
	"wsx/terminal"
)

// secretPrompt returns the function that asks for a secret; nil = there is no terminal.
func (u *ui) secretPrompt() dial.AskFunc {
	device, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	device.Close()
	return u.askSecret
}

// askSecret asks for a secret: at the prompt if there is one, otherwise on the controlling terminal, which need not be standard
// input.
func (u *ui) askSecret(ctx context.Context, prompt string) (string, error) {
	if u.terminal != nil {
		secret, err := u.terminal.ReadSecret(ctx, prompt)
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
	return u.question.ask(ctx, device, prompt)
}

// question asks for a secret on the controlling terminal. If the program ends meanwhile because of a panic, the terminal can be
// restored.
type question struct {
	stop atomic.Pointer[func()] // makes the last ask return, and waits until it has restored the terminal; nil = nothing was asked
}

// ask reads a line without echo, and restores the terminal. On SIGINT, SIGTERM or SIGHUP it returns a *signalError, at the end
// of ctx its cause.
func (q *question) ask(ctx context.Context, device *os.File, prompt string) (string, error) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(asked)
	ctx, cancel := context.WithCancel(ctx)
	restored := make(chan struct{})
	defer close(restored)
	stop := func() { cancel(); <-restored }
	q.stop.Store(&stop)
	defer cancel()
	read, restore, err := readHidden(device, prompt)
	if err != nil {
		return "", err
	}
	defer restore()
	select {
	case answer := <-read:
		return answer.secret, answer.err
	case sig := <-asked:
		return "", &reportedError{&signalError{sig.(syscall.Signal)}}
	case <-ctx.Done():
		return "", openingError(ctx, ctx.Err())
	}
}

type answer struct {
	secret string
	err    error
}

// close restores the terminal, if it was not restored before. Any goroutine may call it.
func (q *question) close() {
	if stop := q.stop.Load(); stop != nil {
		(*stop)()
	}
}

// readHidden shows a prompt. It returns a channel for the answer, and a function that restores the terminal.
func readHidden(device *os.File, prompt string) (answers <-chan answer, restore func(), err error) {
	fd := int(device.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, nil, err
	}
	read := make(chan answer, 1)
	go func() { // ended by a line, or with the program
		secret, err := term.ReadPassword(fd)
		read <- answer{string(secret), err}
	}()
	awaitChange(fd, before) // otherwise ReadPassword could change the terminal after it was restored
	fmt.Fprint(device, prompt)
	return read, func() {
		term.Restore(fd, before)
		fmt.Fprintln(device)
	}, nil
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
