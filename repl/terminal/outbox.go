package terminal

import (
	"bytes"
	"sync"
)

// outbox is what waits to be printed: whole lines, in order, from any goroutine. It is bounded: who prints more than
// the terminal takes has to wait, and so does the server that sends it.
type outbox struct {
	limit int
	wake  chan struct{} // something came into an empty outbox

	mu     sync.Mutex // guards what follows
	room   *sync.Cond
	buf    []byte
	from   int // what stands before is taken already
	closed bool
}

func newOutbox(limit int) *outbox {
	o := &outbox{limit: limit, wake: make(chan struct{}, 1)}
	o.room = sync.NewCond(&o.mu)
	return o
}

// put appends whole lines and waits while the outbox is full. After close it drops them.
func (o *outbox) put(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.buf)-o.from >= o.limit && !o.closed {
		o.room.Wait()
	}
	if !o.closed {
		o.append(p)
	}
}

// push appends without waiting: what a person typed is small, and the one who draws must not wait for himself.
func (o *outbox) push(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.append(p)
}

func (o *outbox) append(p []byte) {
	if len(p) == 0 {
		return
	}
	if o.from > 0 && o.from >= len(o.buf)/2 {
		o.buf = o.buf[:copy(o.buf, o.buf[o.from:])]
		o.from = 0
	}
	o.buf = append(o.buf, p...)
	if p[len(p)-1] != '\n' {
		o.buf = append(o.buf, '\n')
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take hands over up to n bytes of whole lines, at least one line if there is one.
func (o *outbox) take(out []byte, n int) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.buf[o.from:]
	if len(p) > n {
		p = p[:wholeLines(p, n)]
	}
	out = printed(out, p)
	if o.from += len(p); o.from == len(o.buf) {
		o.buf, o.from = o.buf[:0], 0
	}
	o.room.Broadcast()
	return out
}

// wholeLines is the length of the lines at the beginning of p that fit into n bytes, or of the first one.
func wholeLines(p []byte, n int) int {
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		return i + 1
	}
	return n + bytes.IndexByte(p[n:], '\n') + 1
}

func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.buf) == o.from
}

// close releases everybody who waits. What was put before can still be taken.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.room.Broadcast()
}
