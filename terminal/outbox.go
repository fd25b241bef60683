package terminal

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// outbox is what waits to be printed, in order, from any goroutine. It is bounded: who prints more than the terminal takes has
// to wait, and so does the server that sends it.
type outbox struct {
	limit int
	wake  chan struct{} // something came into an empty outbox

	mu     sync.Mutex // guards what follows
	room   *sync.Cond
	buf    []byte
	from   int  // what stands before is taken already
	within bool // what was put last ends within a line, which goes on with the next write
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
	if o.wait() {
		o.appendLines(p)
	}
}

// write appends a piece of a stream, which may end within a line, and waits as put does.
func (o *outbox) write(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wait() && len(p) > 0 {
		o.append(p)
	}
}

// push appends whole lines without waiting: what a person typed is small, and the one who draws must not wait for himself.
func (o *outbox) push(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.appendLines(p)
}

// wait waits for room, and says whether somebody still takes what is put.
func (o *outbox) wait() bool {
	for len(o.buf)-o.from >= o.limit && !o.closed {
		o.room.Wait()
	}
	return !o.closed
}

func (o *outbox) appendLines(p []byte) {
	if len(p) == 0 {
		return
	}
	if o.within {
		o.append([]byte{'\n'})
	}
	if o.append(p); o.within {
		o.append([]byte{'\n'})
	}
}

func (o *outbox) append(p []byte) {
	if o.from > 0 && o.from >= len(o.buf)/2 {
		o.buf = o.buf[:copy(o.buf, o.buf[o.from:])]
		o.from = 0
	}
	o.buf = append(o.buf, p...)
	o.within = p[len(p)-1] != '\n'
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take hands over whole lines of up to n bytes, at least one line if there is one. What ends within a line waits for the rest of
// it, unless all is to be taken, or the outbox is full of that line; within says that the rest will come.
func (o *outbox) take(out []byte, n int, all bool) (_ []byte, within bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.buf[o.from:]
	end := wholeLines(p, n)
	if end == 0 && len(p) >= o.limit {
		end, within = seam(p), true
	}
	out = printed(out, p[:end])
	if rest := p[end:]; all && len(rest) > 0 && bytes.IndexByte(rest, '\n') < 0 {
		out, end = append(append(out, rest...), "\r\n"...), len(p)
		o.within, within = false, false
	}
	if o.from += end; o.from == len(o.buf) {
		o.buf, o.from = o.buf[:0], 0
	}
	o.room.Broadcast()
	return out, within
}

// wholeLines is the length of the lines at the beginning of p that fit into n bytes, or of the first one; 0 = there is none.
func wholeLines(p []byte, n int) int {
	n = min(n, len(p))
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		return i + 1
	}
	if i := bytes.IndexByte(p[n:], '\n'); i >= 0 {
		return n + i + 1
	}
	return 0
}

// seam is where p can be cut with no rune and no escape sequence on both sides.
func seam(p []byte) int {
	tail := max(1, len(p)-64)
	if i := bytes.LastIndexByte(p[tail:], 0x1b); i >= 0 {
		return tail + i
	}
	for end := len(p) - 1; end >= tail; end-- {
		if utf8.RuneStart(p[end]) {
			return end
		}
	}
	return len(p)
}

// waiting says whether a whole line waits, or as much of one as there is room for; and whether something does that has no end yet.
func (o *outbox) waiting() (whole, part bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.buf[o.from:]
	return len(p) >= o.limit || bytes.IndexByte(p, '\n') >= 0, len(p) > 0
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
