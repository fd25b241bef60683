package wire

import (
	"io"
	"net"
)

// drain writes the block to the stream, after the write in progress; with the posted frames, unless inside a frame.
func (w *writer) drain() error {
	for w.busy {
		w.turn.Wait()
	}
	if w.state&failed != 0 {
		return w.err
	}
	if w.state&framing == 0 && len(w.block) <= w.full {
		w.appendPosts()
	}
	if len(w.block) == 0 {
		return nil
	}
	w.write()
	if w.state&failed != 0 {
		return w.err
	}
	return nil
}

// write writes the block to the stream, with the lock released.
func (w *writer) write() {
	full, ends := w.block, w.tally
	if w.other == nil {
		w.other = make([]byte, 0, cap(full))
	}
	w.block, w.other = w.other, nil
	w.tally.ends, w.tally.rest = 0, 0
	w.busy = true
	w.mu.Unlock()
	n, err := w.stream.Write(full)
	w.mu.Lock()
	w.busy = false
	w.other = full[:0]
	if err == nil && n < len(full) {
		err = io.ErrShortWrite
	}
	if err == nil {
		w.written.Add(uint64(ends.ends))
	} else {
		w.written.Add(ends.count(full[:max(0, n)]))
		w.fail(err)
	}
	w.turn.Broadcast()
}

// fail makes all further writes fail.
func (w *writer) fail(err error) {
	if w.state&failed == 0 {
		w.state |= failed
		w.err = err
	}
	w.turn.Broadcast()
}

// stop makes all writes fail once the stream is closed, and waits for writers.
func (w *writer) stop() {
	w.mu.Lock()
	w.fail(net.ErrClosed)
	for w.busy || w.state&framing != 0 {
		w.turn.Wait()
	}
	w.mu.Unlock()
	w.posts.stop()
}
