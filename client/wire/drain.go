package wire

import (
	"io"
	"net"
)

// drain writes the block to the stream after the write in progress. Unless it is inside a frame, it appends the queued frames
// first.
func (w *writer) drain() error {
	for w.busy {
		w.changed.Wait()
	}
	if w.state&failed != 0 {
		return w.err
	}
	if w.state&inFrame == 0 && len(w.block) <= w.full {
		w.appendControls()
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
	full, ends := w.block, w.counts
	if w.other == nil {
		w.other = make([]byte, 0, cap(full))
	}
	w.block, w.other = w.other, nil
	w.counts.ends, w.counts.rest = 0, 0
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
	w.changed.Broadcast()
}

// fail makes all further writes fail.
func (w *writer) fail(err error) {
	if w.state&failed == 0 {
		w.state |= failed
		w.err = err
	}
	w.changed.Broadcast()
}

// stop makes all writes fail after the stream was closed, and waits for the goroutines that write.
func (w *writer) stop() {
	w.mu.Lock()
	w.fail(net.ErrClosed)
	for w.busy || w.state&inFrame != 0 {
		w.changed.Wait()
	}
	w.mu.Unlock()
	w.controls.stop()
}

// writeControls writes queued frames until the queue is empty.
func (w *writer) writeControls() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for w.state&inFrame != 0 && w.state&failed == 0 {
			w.changed.Wait()
		}
		if w.controls.done(w.drain() != nil) {
			return
		}
	}
}

// appendControls appends queued frames to the block. The block must not be longer than full, so that it has room for them.
func (w *writer) appendControls() {
	if !w.controls.waiting.Load() {
		return
	}
	for _, p := range w.controls.removeAll() {
		if w.state&closeSent == 0 {
			w.frame(header{fin: true, opcode: p.opcode}, p.payload[:p.length], notCompressed)
		}
	}
}
