package terminal

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// printBuffer holds output from any goroutine, in order. It is bounded: a goroutine that prints faster than the terminal reads
// blocks, and so, through TCP, does the server.
type printBuffer struct {
	limit int
	wake  chan struct{} // something was put into an empty buffer

	mu      sync.Mutex // guards the fields below
	room    *sync.Cond
	buf     []byte
	from    int  // offset in buf of what was not written yet
	midLine bool // what was put last ends in the middle of a line, which the next write continues
	closed  bool
}

func newPrintBuffer(limit int) *printBuffer {
	b := &printBuffer{limit: limit, wake: make(chan struct{}, 1)}
	b.room = sync.NewCond(&b.mu)
	return b
}

// write appends a part of a stream, which may end in the middle of a line; it blocks while the buffer is full. After close it
// drops what is written.
func (b *printBuffer) write(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.buf)-b.from >= b.limit && !b.closed {
		b.room.Wait()
	}
	if !b.closed && len(p) > 0 {
		b.append(p)
	}
}

// push appends whole lines without blocking. It is for the loop, which would otherwise wait for itself.
func (b *printBuffer) push(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.midLine {
		b.append([]byte{'\n'})
	}
	b.append(p)
}

func (b *printBuffer) append(p []byte) {
	if b.from > 0 && b.from >= len(b.buf)/2 {
		b.buf = b.buf[:copy(b.buf, b.buf[b.from:])]
		b.from = 0
	}
	b.buf = append(b.buf, p...)
	b.midLine = p[len(p)-1] != '\n'
	notify(b.wake)
}

// pop moves whole lines of up to n bytes to out, at least one line if there is one. An unterminated line is kept, unless all is
// true or the line fills the buffer; midLine reports that the rest of the line will follow.
func (b *printBuffer) pop(out []byte, n int, all bool) (_ []byte, midLine bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.buf[b.from:]
	end := wholeLines(p, n)
	if end == 0 && len(p) >= b.limit {
		end, midLine = splitPoint(p), true
	}
	out = printed(out, p[:end])
	if rest := p[end:]; all && len(rest) > 0 && bytes.IndexByte(rest, '\n') < 0 {
		out, end = append(append(out, rest...), "\r\n"...), len(p)
		b.midLine, midLine = false, false
	}
	if b.from += end; b.from == len(b.buf) {
		b.buf, b.from = b.buf[:0], 0
	}
	b.room.Broadcast()
	return out, midLine
}

// wholeLines returns the length of the lines at the beginning of p that fit into n bytes, or of the first line; 0 if no line is
// complete.
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

// splitPoint returns where p can be split without splitting a rune or an escape sequence.
func splitPoint(p []byte) int {
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

// waiting reports whether pop would return anything, and whether anything is buffered.
func (b *printBuffer) waiting() (whole, part bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.buf[b.from:]
	return len(p) >= b.limit || bytes.IndexByte(p, '\n') >= 0, len(p) > 0
}

func (b *printBuffer) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.buf) == b.from
}

// close unblocks all goroutines. What is buffered can still be popped.
func (b *printBuffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.room.Broadcast()
}
