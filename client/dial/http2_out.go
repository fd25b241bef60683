package dial

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	http2Block   = 128 << 10 // how much of a stream is sent at once, bytes
	http2Pending = 256 << 10 // with so much pending, streams wait before they add more, bytes
	http2Flood   = 1 << 20   // with so much pending, the server makes us answer and does not read, bytes
)

var errHTTP2Flood = errors.New("the server wants more answers than it reads")

// http2Out is what is to be sent on a connection. Frames are appended under a lock that is never held while the connection
// is written to: a server that does not read stops those who send, but neither those who post nor those who leave.
type http2Out struct {
	conn  net.Conn
	ended chan struct{} // closed when run has returned

	mu       sync.Mutex     // guards what follows
	work     sync.Cond      // there is something to write, or an end
	progress sync.Cond      // something was written, or never will be
	framer   *http2.Framer  // appends to pending
	fields   *hpack.Encoder // appends to block
	block    bytes.Buffer
	pending  []byte
	appended int64 // bytes, ever
	written  int64 // bytes, ever
	last     bool  // nothing is appended any more
	err      error
}

func (o *http2Out) start(conn net.Conn) {
	o.conn, o.ended = conn, make(chan struct{})
	o.work.L, o.progress.L = &o.mu, &o.mu
	o.framer = http2.NewFramer((*http2Pen)(o), nil)
	o.fields = hpack.NewEncoder(&o.block)
}

// http2Pen is where the framer writes to.
type http2Pen http2Out

func (p *http2Pen) Write(frame []byte) (int, error) {
	p.pending = append(p.pending, frame...)
	p.appended += int64(len(frame))
	return len(frame), nil
}

// run writes what is pending until an error or the end. It is the one goroutine that waits for the connection.
func (o *http2Out) run() {
	defer close(o.ended)
	var spare []byte
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil {
		if len(o.pending) == 0 {
			if o.last {
				return
			}
			o.work.Wait()
			continue
		}
		block := o.pending
		o.pending = spare[:0]
		o.mu.Unlock()
		_, err := o.conn.Write(block)
		o.mu.Lock()
		spare = block
		o.written += int64(len(block))
		o.fail(err)
		o.progress.Broadcast()
	}
}

// fail ends all sending, if err is one. Call it with mu locked.
func (o *http2Out) fail(err error) {
	if err == nil || o.err != nil {
		return
	}
	o.err = err
	o.work.Broadcast()
	o.progress.Broadcast()
}

// post appends frames without waiting for anything.
func (o *http2Out) post(frames func(*http2.Framer) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) > http2Flood {
		return errHTTP2Flood
	}
	return o.append(frames)
}

// append is post with mu locked. Frames that cannot be written are our mistake.
func (o *http2Out) append(frames func(*http2.Framer) error) error {
	if o.err != nil {
		return o.err
	}
	if o.last {
		return net.ErrClosed
	}
	o.work.Signal()
	return frames(o.framer)
}

// postHeaders appends the fields that open a stream, in frames of at most limit bytes.
func (o *http2Out) postHeaders(stream uint32, fields []hpack.HeaderField, limit int) error {
	return o.post(func(framer *http2.Framer) error {
		o.block.Reset()
		for _, field := range fields {
			o.fields.WriteField(field) // to a buffer, which takes all
		}
		first := o.block.Next(limit)
		err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: first, EndHeaders: o.block.Len() == 0})
		for err == nil && o.block.Len() > 0 {
			next := o.block.Next(limit)
			err = framer.WriteContinuation(stream, o.block.Len() == 0, next)
		}
		return err
	})
}

// send appends a part of a stream, in frames of at most limit bytes, and returns when it was written, or the stream is gone.
func (o *http2Out) send(stream uint32, p []byte, limit int, gone *atomic.Bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.pending) > http2Pending && o.err == nil && !gone.Load() {
		o.progress.Wait()
	}
	if gone.Load() {
		return net.ErrClosed
	}
	for len(p) > 0 {
		frame := p[:min(len(p), limit)]
		p = p[len(frame):]
		if err := o.append(func(framer *http2.Framer) error { return framer.WriteData(stream, false, frame) }); err != nil {
			return err
		}
	}
	end := o.appended
	for o.written < end {
		switch {
		case o.err != nil:
			return o.err
		case gone.Load():
			return net.ErrClosed
		}
		o.progress.Wait()
	}
	return nil
}

// recheck lets those who wait ask again whether they are gone.
func (o *http2Out) recheck() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.progress.Broadcast()
}

// finish appends the last frame; run ends when it is written.
func (o *http2Out) finish(frame func(*http2.Framer) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.append(frame) == nil {
		o.last = true
	}
}

// stop ends run at once.
func (o *http2Out) stop(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail(err)
}

// resize obeys the server's bound on what the encoder remembers.
func (o *http2Out) resize(table uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fields.SetMaxDynamicTableSizeLimit(table)
}
