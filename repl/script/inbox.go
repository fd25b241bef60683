package script

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// Received is a received message or Close, which a script can expect.
type Received struct {
	Code int    // of the Close; 0 = a message
	Data []byte // the message, or the reason

	Meaning []byte // the event of the dialect in JSON, as the member "as" has it; nil = there is no dialect
	Hidden  bool   // with Meaning: it is hidden from people, and only an expectation of its kind matches it
}

func (a Received) isClose() bool { return a.Code != 0 }

// entryOverhead is roughly how much memory an entry takes besides its data, in bytes.
const entryOverhead = 64

// Inbox keeps received messages that no expectation has consumed, in order. An expectation consumes everything up to and
// including the message that it matches. One goroutine may add fragments, any goroutine whole translated messages, and one may wait.
type Inbox struct {
	timeout  time.Duration
	maxBytes int
	partial  []byte        // a message that is not complete; owned by the receiving goroutine
	arrived  chan struct{} // gets a signal when something was received

	mu        sync.Mutex // guards the fields below
	received  []Received
	first     int // number of received[0], counted from the first ever received
	size      int // bytes
	discarded int // entries dropped to make room for later ones
}

// DefaultTimeout is how long an expectation waits if neither it nor the inbox has a timeout.
const DefaultTimeout = 5 * time.Second

// NewInbox returns an inbox of at most maxBytes bytes, 0 = 64 MiB: when it is full the oldest messages are dropped, and a
// longer message is truncated. timeout is that of expectations without their own, 0 = DefaultTimeout.
func NewInbox(timeout time.Duration, maxBytes int) *Inbox {
	timeout = cmp.Or(timeout, DefaultTimeout)
	maxBytes = cmp.Or(maxBytes, 64<<20)
	return &Inbox{timeout: timeout, maxBytes: maxBytes, arrived: make(chan struct{}, 1)}
}

// Handle adds what is received: a message once its last fragment was received, or a Close.
func (b *Inbox) Handle(e *client.Event) {
	switch {
	case e.Dir != client.In:
	case e.Kind == client.KindClose:
		b.add(Received{Code: e.Code, Data: bytes.Clone(e.Payload)})
	case e.Kind == client.KindMessage:
		if as, ok := e.Detail.(render.As); ok {
			b.add(Received{Data: bytes.Clone(e.Payload), Meaning: as.Event.AppendJSON(nil), Hidden: as.Event.Hidden()})
			return
		}
		b.addFragment(e)
	}
}

func (b *Inbox) addFragment(e *client.Event) {
	if e.First {
		b.partial = nil
	}
	b.partial = append(b.partial, e.Payload[:min(len(e.Payload), b.maxBytes-len(b.partial))]...)
	if e.Last {
		b.add(Received{Data: b.partial})
		b.partial = nil
	}
}

func (b *Inbox) add(a Received) {
	b.mu.Lock()
	b.received = append(b.received, a)
	b.size += len(a.Data) + entryOverhead
	for b.size > b.maxBytes && len(b.received) > 1 {
		b.drop(1)
		b.discarded++
	}
	b.mu.Unlock()
	select {
	case b.arrived <- struct{}{}:
	default: // the last signal was not read yet
	}
}

// drop removes the first n entries.
func (b *Inbox) drop(n int) {
	for i := range n {
		b.size -= len(b.received[i].Data) + entryOverhead
		b.received[i] = Received{} // so that it can be collected
	}
	b.received, b.first = b.received[n:], b.first+n
}

// errNoMatch is the error when nothing that matches was received in time.
var errNoMatch = errors.New("no expected message was received in time")

// await waits for an entry for which expected returns true, and consumes it. Entries that are already there count. It returns
// errNoMatch after timeout, negative = that of the inbox, and the error of ctx when that ends.
func (b *Inbox) await(ctx context.Context, timeout time.Duration, expected func(Received) bool) error {
	if timeout < 0 {
		timeout = b.timeout
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	deadline, end := time.Now().Add(timeout), b.end()
	for next := 0; ; {
		a, number, ok := b.from(next)
		switch {
		case ok && expected(a):
			b.consume(number)
			return nil
		case ok && (number < end || time.Now().Before(deadline)):
			next = number + 1
			continue
		case ok:
			return errNoMatch
		}
		select {
		case <-b.arrived:
		case <-timer.C:
			return errNoMatch
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// end returns the number of the next entry.
func (b *Inbox) end() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.first + len(b.received)
}

// from returns the first entry with this number or a later one.
func (b *Inbox) from(number int) (a Received, at int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := max(0, number-b.first)
	if i >= len(b.received) {
		return a, 0, false
	}
	return b.received[i], b.first + i, true
}

// consume removes all entries up to and including the one with this number.
func (b *Inbox) consume(number int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(max(0, number+1-b.first))
	b.discarded = 0
}

// Clear removes all entries: what was received so far cannot be the answer to what is sent later.
func (b *Inbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(len(b.received))
	b.discarded = 0
}

// unconsumed returns the last n entries, and how many others there were before them.
func (b *Inbox) unconsumed(n int) (last []Received, others int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	others = max(0, len(b.received)-n)
	return append(last, b.received[others:]...), others + b.discarded
}
