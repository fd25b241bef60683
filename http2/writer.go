package http2

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	streamBlock  = 128 << 10 // bytes of a stream that are appended at once
	pendingLimit = 256 << 10 // with more bytes pending, streams wait before they append
	floodLimit   = 1 << 20   // with more bytes pending, the peer does not read the replies to its frames
)

// writer buffers the frames to be sent on a connection. The lock is never held during a write to the connection: a peer that does not
// read blocks the streams that send, but neither the goroutine that receives nor Close.
type writer struct {
	conn  net.Conn
	peer  string
	ended chan struct{} // closed when run has returned

	mu       sync.Mutex     // guards the fields below
	work     sync.Cond      // signals pending frames, or that nothing is appended any more
	progress sync.Cond      // signals that frames were written, or that writing has failed
	framer   *http2.Framer  // appends to pending
	fields   *hpack.Encoder // appends to block
	block    bytes.Buffer
	pending  []byte
	appended int64 // total number of bytes appended
	written  int64 // total number of bytes written
	last     bool  // nothing is appended any more
	err      error // why writing has failed
}

func (w *writer) start(conn net.Conn, peer string) {
	w.conn, w.peer, w.ended = conn, peer, make(chan struct{})
	w.work.L, w.progress.L = &w.mu, &w.mu
	w.framer = http2.NewFramer((*pendingFrames)(w), nil)
	w.fields = hpack.NewEncoder(&w.block)
}

// pendingFrames is the buffer that the framer writes to.
type pendingFrames writer

func (p *pendingFrames) Write(frame []byte) (int, error) {
	p.pending = append(p.pending, frame...)
	p.appended += int64(len(frame))
	return len(frame), nil
}

// run writes pending frames until an error or the end. It is the only goroutine that writes to the connection.
func (w *writer) run() {
	defer close(w.ended)
	var spare []byte
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.err == nil {
		if len(w.pending) == 0 {
			if w.last {
				return
			}
			w.work.Wait()
			continue
		}
		block := w.pending
		w.pending = spare[:0]
		w.mu.Unlock()
		_, err := w.conn.Write(block)
		w.mu.Lock()
		spare = block
		w.written += int64(len(block))
		w.fail(err)
		w.progress.Broadcast()
	}
}

// fail ends all sending if err is an error. mu must be locked.
func (w *writer) fail(err error) {
	if err == nil || w.err != nil {
		return
	}
	w.err = err
	w.work.Broadcast()
	w.progress.Broadcast()
}

// stop ends run at once.
func (w *writer) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail(err)
}

// post appends frames without waiting.
func (w *writer) post(frames func(*http2.Framer) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) > floodLimit {
		return &FloodError{w.peer, "requests whose replies it does not read"}
	}
	return w.append(frames)
}

// appendLast appends the last frame; run returns when it is written.
func (w *writer) appendLast(frame func(*http2.Framer) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.append(frame) == nil {
		w.last = true
	}
}

// append is post with mu locked. An error of the framer is a bug of this package.
func (w *writer) append(frames func(*http2.Framer) error) error {
	if w.err != nil {
		return w.err
	}
	if w.last {
		return net.ErrClosed
	}
	w.work.Signal()
	return frames(w.framer)
}

// postHeaders appends the header fields of a stream, in frames of at most limit bytes.
func (w *writer) postHeaders(stream uint32, fields []hpack.HeaderField, limit int) error {
	return w.post(func(framer *http2.Framer) error {
		w.block.Reset()
		for _, field := range fields {
			w.fields.WriteField(field) // a write to a buffer never fails
		}
		first := w.block.Next(limit)
		err := framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: stream, BlockFragment: first, EndHeaders: w.block.Len() == 0})
		for err == nil && w.block.Len() > 0 {
			next := w.block.Next(limit)
			err = framer.WriteContinuation(stream, w.block.Len() == 0, next)
		}
		return err
	})
}

// send appends a part of a stream, in frames of at most limit bytes, and returns when it was written or the stream is closed.
func (w *writer) send(stream uint32, p []byte, limit int, closed *atomic.Bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.pending) > pendingLimit && w.err == nil && !closed.Load() {
		w.progress.Wait()
	}
	if closed.Load() {
		return net.ErrClosed
	}
	for len(p) > 0 {
		frame := p[:min(len(p), limit)]
		p = p[len(frame):]
		if err := w.append(func(framer *http2.Framer) error { return framer.WriteData(stream, false, frame) }); err != nil {
			return err
		}
	}
	for end := w.appended; w.written < end; w.progress.Wait() {
		switch {
		case w.err != nil:
			return w.err
		case closed.Load():
			return net.ErrClosed
		}
	}
	return nil
}

// recheck wakes the streams that wait, to check whether they were closed.
func (w *writer) recheck() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Broadcast()
}

// resize applies the peer's limit of the header compression table.
func (w *writer) resize(table uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fields.SetMaxDynamicTableSizeLimit(table)
}
