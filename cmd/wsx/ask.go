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
	return u.question.ask(device, prompt)
}

// question asks for a secret on the controlling terminal, and restores the terminal if the program ends meanwhile: the question may
// be asked by a goroutine that the program does not wait for.
type question struct {
	mu      sync.Mutex // guards the fields below; held while the terminal changes
	restore func()     // ends the question on the terminal; nil = nothing is asked
	ended   bool       // the program ends: nothing is asked any more
}

// ask reads a line without echo. On SIGINT, SIGTERM or SIGHUP it restores the terminal and returns a *signalError.
func (q *question) ask(device *os.File, prompt string) (string, error) {
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
	if q.ended {
		return nil, context.Canceled
	}
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

// close restores the terminal, if it was not restored before.
func (q *question) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.restore != nil {
		q.restore()
		q.restore = nil
	}
}

// end restores the terminal at the end of the program. No further question is asked.
func (q *question) end() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	q.close()
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
