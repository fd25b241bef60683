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

// Received is what can be expected: a message, or the other side's Close.
type Received struct {
	Code int    // of the Close; 0 = a message
	Data []byte // the message, or the reason

	Meaning []byte // what it means in a dialect, as the member "as" of an event; nil = there is no dialect
	Hidden  bool   // with Meaning: it is of no use to a person, and only found by its kind
}

func (a Received) isClose() bool { return a.Code != 0 }

// entryOverhead is how much memory an entry takes beside its data, in bytes, roughly.
const entryOverhead = 64

// Inbox keeps what was received and nothing has expected yet, in order. An expectation removes all up to and including what
// it was waiting for. One goroutine receives, one waits.
type Inbox struct {
	timeout  time.Duration
	maxBytes int
	partial  []byte        // a message that is not complete; owned by the receiving goroutine
	arrived  chan struct{} // gets a signal when something was received

	mu        sync.Mutex // guards the fields below
	received  []Received
	first     int // number of received[0], counted from the first ever received
	size      int // bytes
	discarded int // entries that made room for later ones
}

// DefaultTimeout is how long an expectation waits when it has no time limit of its own.
const DefaultTimeout = 5 * time.Second

// NewInbox keeps at most most bytes, 0 = 64 MiB: the oldest messages make room, and a longer one is cut. An
// expectation without a time limit of its own waits for patience, 0 = DefaultTimeout.
func NewInbox(timeout time.Duration, maxBytes int) *Inbox {
	timeout = cmp.Or(timeout, DefaultTimeout)
	maxBytes = cmp.Or(maxBytes, 64<<20)
	return &Inbox{timeout: timeout, maxBytes: maxBytes, arrived: make(chan struct{}, 1)}
}

// Handle keeps what is received: a message once its last fragment has been received, or a Close.
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

// drop removes the first n.
func (b *Inbox) drop(n int) {
	for i := range n {
		b.size -= len(b.received[i].Data) + entryOverhead
		b.received[i] = Received{} // so that it can be collected
	}
	b.received, b.first = b.received[n:], b.first+n
}

// errNoMatch is the error when nothing that is expected was received in time.
var errNoMatch = errors.New("no expected message was received in time")

// await returns when something was received that is expected, at once if that was before. It returns errNoMatch after timeout,
// negative = the inbox's, and the context's error when that ends.
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

// consume removes all up to and including the entry with this number.
func (b *Inbox) consume(number int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(max(0, number+1-b.first))
	b.discarded = 0
}

// Clear removes all: what was received so far answers nothing that is sent from now on.
func (b *Inbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(len(b.received))
	b.discarded = 0
}

// unconsumed returns what nothing has expected: the last n entries, and how many others there are before them.
func (b *Inbox) unconsumed(n int) (last []Received, others int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	others = max(0, len(b.received)-n)
	return append(last, b.received[others:]...), others + b.discarded
}
