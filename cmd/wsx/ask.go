package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
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
	mu      sync.Mutex // guards the field below; held while the terminal changes
	restore func()     // ends the question on the terminal; nil = nothing is asked
}

// ask reads a line without echo. On SIGINT, SIGTERM or SIGHUP it restores the terminal and returns a *signalError, at the end of
// ctx its cause.
func (q *question) ask(ctx context.Context, device *os.File, prompt string) (string, error) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(asked)
	read, err := q.begin(device, prompt)
	if err != nil {
		return "", err
	}
	defer q.close()
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

// begin shows the prompt, and returns a channel for the answer.
func (q *question) begin(device *os.File, prompt string) (<-chan answer, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	fd := int(device.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	read := make(chan answer, 1)
	go func() { // ended by a line, or with the program
		secret, err := term.ReadPassword(fd)
		read <- answer{string(secret), err}
	}()
	awaitChange(fd, before) // otherwise ReadPassword could change the terminal after it was restored
	fmt.Fprint(device, prompt)
	q.restore = func() {
		term.Restore(fd, before)
		fmt.Fprintln(device)
	}
	return read, nil
}

// close restores the terminal, if it was not restored before. Any goroutine may call it.
func (q *question) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.restore != nil {
		q.restore()
		q.restore = nil
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
