// Package ptytest reads the output of programs on a pseudo-terminal, for tests and for the pictures of the documentation.
package ptytest

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// Reader reads what is written to a pseudo-terminal.
type Reader struct {
	updated chan struct{} // receives a value after each read
	done    chan struct{} // closed when reading has ended

	mu   sync.Mutex // guards the fields below
	text bytes.Buffer
	err  error
}

// Read reads from the other end of a pseudo-terminal until it is closed. If screen is not nil, it gets the same output.
func Read(terminal io.Reader, screen io.Writer) *Reader {
	r := &Reader{updated: make(chan struct{}, 1), done: make(chan struct{})}
	go r.read(terminal, screen) // ended by closing terminal
	return r
}

func (r *Reader) read(terminal io.Reader, screen io.Writer) {
	defer close(r.done)
	buffer := make([]byte, 64<<10)
	for {
		n, err := terminal.Read(buffer)
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

// Err returns why reading has ended; nil = it has not ended.
func (r *Reader) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Wait waits until reading has ended.
func (r *Reader) Wait() { <-r.done }

// Until waits until a condition is met, and reports whether it was met within the timeout. It checks the condition after each read.
func (r *Reader) Until(timeout time.Duration, ok func() bool) bool {
	for timedOut := time.After(timeout); !ok(); {
		select {
		case <-r.updated:
		case <-timedOut:
			return false
		}
	}
	return true
}

// Check makes Until check its condition again, if it depends on more than the output.
func (r *Reader) Check() {
	select {
	case r.updated <- struct{}{}:
	default:
	}
}
