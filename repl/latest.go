package repl

import (
	"sync"

	"wsx/client"
)

// latest keeps the last received message, byte for byte, for /save. The receiver adds messages, the sender reads the last one.
type latest struct {
	partial []byte // fragments so far; the receiver's own

	mu       sync.Mutex // guards the fields below
	last     []byte
	received bool
}

// add adds a message or a fragment of one.
func (l *latest) add(e *client.Event) {
	if e.First {
		l.partial = l.partial[:0]
	}
	l.partial = append(l.partial, e.Payload...)
	if !e.Last {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.partial, l.received = l.partial, l.last, true
	if cap(l.partial) > maxKeptBuffer {
		l.partial = nil
	}
}

// maxKeptBuffer is how large a buffer is kept for the next message, in bytes.
const maxKeptBuffer = 1 << 20

// message returns a copy of the last message; false = no message has been received.
func (l *latest) message() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.last...), l.received
}
