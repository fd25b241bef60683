// Package ptytest has the reader of tests that run a program on a pseudo-terminal.
package ptytest

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// Reader reads what is written to a pseudo-terminal.
type Reader struct {
	grown chan struct{} // gets a signal whenever there is more
	done  chan struct{} // closed when reading has ended

	mu   sync.Mutex // guards the fields below
	text bytes.Buffer
	err  error
}

// Read reads from the other end of a pseudo-terminal until it is closed. A screen is written to as well, where it is not nil.
func Read(keyboard io.Reader, screen io.Writer) *Reader {
	r := &Reader{grown: make(chan struct{}, 1), done: make(chan struct{})}
	go r.read(keyboard, screen) // ended by closing keyboard
	return r
}

func (r *Reader) read(keyboard io.Reader, screen io.Writer) {
	defer close(r.done)
	buffer := make([]byte, 64<<10)
	for {
		n, err := keyboard.Read(buffer)
		if screen != nil {
			screen.Write(buffer[:n])
		}
		r.mu.Lock()
		r.text.Write(buffer[:n])
		r.err = err
		r.mu.Unlock()
		r.Check()
		if err != nil {
			return
		}
	}
}

// Text returns all that was read so far.
func (r *Reader) Text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// Discard discards what was read so far.
func (r *Reader) Discard() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Reset()
}

// Err returns why reading has ended; nil = it has not.
func (r *Reader) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Wait waits until reading has ended.
func (r *Reader) Wait() { <-r.done }

// Until waits until a condition is met, which it checks whenever there is more, and reports whether it was within the timeout.
func (r *Reader) Until(timeout time.Duration, ok func() bool) bool {
	for late := time.After(timeout); !ok(); {
		select {
		case <-r.grown:
		case <-late:
			return false
		}
	}
	return true
}

// Check has Until check its condition again, which changes with something else.
func (r *Reader) Check() {
	select {
	case r.grown <- struct{}{}:
	default:
	}
}
