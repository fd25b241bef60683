package repl

import (
	"sync"

	"wsx/client"
)

// latest keeps the last message that was received, byte for byte, for /save. The receiver adds, the sender asks.
type latest struct {
	coming []byte // fragments so far; the receiver's own

	mu   sync.Mutex // guards the fields below
	last []byte
	come bool
}

// add adds a message or a fragment of one.
func (l *latest) add(e *client.Event) {
	if e.First {
		l.coming = l.coming[:0]
	}
	l.coming = append(l.coming, e.Payload...)
	if !e.Last {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.coming, l.come = l.coming, l.last, true
	if cap(l.coming) > maxKeptBuffer {
		l.coming = nil
	}
}

// maxKeptBuffer is how large a buffer is kept for the next message, in bytes.
const maxKeptBuffer = 1 << 20

// message returns a copy of the last message; false = none has been received.
func (l *latest) message() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.last...), l.come
}
