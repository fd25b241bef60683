package wire

import (
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

const (
	// writeBlock is how many bytes are written to the stream at once at most, unless Options.WriteBlock is set.
	writeBlock = 128 << 10
	// controlSize is the longest control frame.
	controlSize = maxHeader + MaxControl
)

// The states in which a frame or message may not begin.
const (
	inFrame   = 1 << iota // a frame is being written: no other frame may begin
	inMessage             // a fragmented message is being written: only control frames may begin
	closeSent             // a Close frame was written: no frame may follow
	failed                // a write failed, or the stream is closed
)

// writer appends frames to a block of bytes, and writes the block to the stream when it is full or on Flush.
//
// The goroutine that writes the block replaces it by the other, empty one, and writes with the lock released. Meanwhile other
// goroutines append to the second block, until that is full as well; then they wait. So memory is bounded, and a peer that does
// not read blocks writes, but never QueueControl.
type writer struct {
	stream       io.Writer
	client       bool
	agreed       *Deflate
	trace        func(Trace)
	full         int // length from which a block is written to the stream, in bytes
	compressFrom int // shortest message that is compressed, in bytes
	fastMax      int // largest message for writeFast, in bytes; -1 = it is not used
	controls     controlQueue

	deflate *deflater     // belongs to the goroutine that writes the message
	written atomic.Uint64 // messages written whole

	mu       sync.Mutex    // guards the fields below; never held across stream.Write
	changed  sync.Cond     // a field below has changed
	state    uint8         // a combination of the constants above
	err      error         // the error, if failed
	busy     bool          // a goroutine is in stream.Write
	block    []byte        // frames to be written
	other    []byte        // the other block; nil = it is being written
	counts   counter       // of block
	keys     *rand.ChaCha8 // mask keys, unpredictable (RFC 6455, section 10.3)
	spareKey uint64        // a key that was generated and not used, and a bit above it; 0 = no such key
}

func (w *writer) start(stream io.Writer, o Options) {
	w.stream, w.client, w.agreed, w.trace = stream, !o.Server, o.Deflate, o.Trace
	w.changed.L = &w.mu
	w.full = blockSize(o.WriteBlock, writeBlock)
	w.controls.max = min(maxQueuedControl, w.full/controlSize)
	// A block has room after its full length for control frames, which are never split: one of a caller, and all queued ones.
	w.block = make([]byte, 0, w.full+(w.controls.max+1)*controlSize)
	var seed [32]byte
	crand.Read(seed[:]) // never fails (Go 1.24)
	w.keys = rand.NewChaCha8(seed)
	w.fastMax = 1<<16 - 1
	if o.Deflate != nil {
		w.compressFrom = deflateFrom
		if _, fresh := o.Deflate.sender(o.Server); fresh {
			w.compressFrom = deflateFreshFrom
		}
		w.fastMax = w.compressFrom - 1
	}
	if o.Server || o.Trace != nil {
		w.fastMax = -1
	}
}

// WriteMessage buffers one message, which Flush sends: in one frame, or in several if it has more than 64 MiB when compressed.
// It is compressed if permessage-deflate was negotiated and it has at least 128 bytes, or 512 without context takeover.
// WriteMessage blocks while a message begun by WriteFragment is not complete, even in the goroutine that began it, and while
// the blocks are full because the peer does not read. It does not modify or keep the payload, nor check that it is UTF-8.
func (c *Conn) WriteMessage(op Opcode, payload []byte) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	if w.writeFast(op, payload) {
		w.mu.Unlock()
		return nil
	}
	defer w.mu.Unlock()
	return w.message(op, payload)
}

// WriteMessages writes each payload as WriteMessage does, but takes the lock only once, which saves a fifth of the time for
// short messages. The sequence must neither block nor call the Conn.
func (c *Conn) WriteMessages(op Opcode, payloads iter.Seq[[]byte]) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	for payload := range payloads {
		if w.writeFast(op, payload) {
			continue
		}
		if err := w.message(op, payload); err != nil {
			return err
		}
	}
	return nil
}

// message appends a message of any kind.
func (w *writer) message(op Opcode, payload []byte) error {
	if err := w.begin(inFrame | inMessage); err != nil {
		return err
	}
	if w.agreed != nil && len(payload) >= w.compressFrom {
		return w.compress(op, payload)
	}
	return w.frame(header{fin: true, opcode: op}, payload, notCompressed)
}

// writeFast is the fast path of WriteMessage: it appends an uncompressed message of a client, shorter than 64 KiB, and reports
// whether it did: not if the block has no room.
func (w *writer) writeFast(op Opcode, p []byte) bool {
	if w.state != 0 || w.controls.waiting.Load() || len(p) > min(w.fastMax, w.full-maxHeader-len(w.block)) {
		return false
	}
	key, b := w.key(), w.block
	if len(p) < length16 {
		b = append(b, bitFin|byte(op), bitMask|byte(len(p)))
	} else {
		b = append(b, bitFin|byte(op), bitMask|length16, byte(len(p)>>8), byte(len(p)))
	}
	b = binary.LittleEndian.AppendUint32(b, key)
	w.block = b[:len(b)+len(p)]
	mask(w.block[len(b):], p, key)
	w.counts.ends++
	return true
}

// key returns a new mask key. The generator returns two at a time.
func (w *writer) key() uint32 {
	if w.spareKey != 0 {
		key := uint32(w.spareKey)
		w.spareKey = 0
		return key
	}
	keys := w.keys.Uint64()
	w.spareKey = keys>>32 | 1<<32
	return uint32(keys)
}

// WriteFragment buffers one fragment of a message as a frame of its own, never compressed. Between the first and the last
// fragment all other messages block; control frames do not.
func (c *Conn) WriteFragment(op Opcode, payload []byte, first, last bool) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	wait, h := uint8(inFrame), header{fin: last, opcode: Continuation}
	if first {
		wait, h.opcode = inFrame|inMessage, op
	}
	if err := w.begin(wait); err != nil {
		return err
	}
	if !first && w.state&inMessage == 0 {
		return errors.New("continuation without a started message")
	}
	w.state |= inMessage
	err := w.frame(h, payload, notCompressed)
	if last {
		w.state &^= inMessage
		w.changed.Broadcast()
	}
	return err
}

// WriteControl buffers a control frame after the frames written before, also inside a fragmented message. Like WriteMessage it
// blocks until the frame in progress is written and while the peer does not read. After a Close frame all writes return
// ErrCloseSent.
func (c *Conn) WriteControl(op Opcode, payload []byte) error {
	if err := checkControl(op, payload); err != nil {
		return err
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.begin(inFrame); err != nil {
		return err
	}
	return w.frame(header{fin: true, opcode: op}, payload, notCompressed)
}

// Flush writes all buffered and queued frames to the stream, and returns when they are written. The goroutine that reads must
// call QueueControl instead, or a peer that waits until this side reads would block it for ever.
func (c *Conn) Flush() error {
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drain()
}

// Written returns how many data messages were written to the stream whole, to the last byte of their last frame.
func (c *Conn) Written() uint64 { return c.out.written.Load() }

// begin waits until a frame may begin, which is when none of the given states holds and the block has room for a header. It
// appends queued frames first. It returns an error if no frame can be written any more.
func (w *writer) begin(states uint8) error {
	for {
		switch {
		case w.state&failed != 0:
			return w.err
		case w.state&closeSent != 0:
			return ErrCloseSent
		case w.state&states != 0:
			w.changed.Wait()
		case len(w.block)+maxHeader > w.full:
			if err := w.drain(); err != nil {
				return err
			}
		case w.controls.waiting.Load():
			w.appendControls()
		default:
			return nil
		}
	}
}

// compress writes a message compressed, in one frame or more.
func (w *writer) compress(op Opcode, payload []byte) error {
	w.state |= inMessage
	defer func() {
		w.releaseDeflater()
		w.state &^= inMessage
		w.changed.Broadcast()
	}()
	h := header{opcode: op, rsv: rsvCompressed}
	for !h.fin {
		packed, rest, err := w.compressMessage(payload, h.opcode == op)
		if err != nil {
			return err
		}
		if err := w.begin(inFrame); err != nil {
			return err
		}
		h.fin = len(rest) == 0
		if err := w.frame(h, packed, int64(len(payload)-len(rest))); err != nil {
			return err
		}
		payload, h.opcode, h.rsv = rest, Continuation, 0
	}
	return nil
}

// compressMessage compresses, with the lock released, as much of a message as fills a frame. It returns the compressed bytes
// and the rest of the message.
func (w *writer) compressMessage(payload []byte, first bool) (packed, rest []byte, err error) {
	w.mu.Unlock()
	defer w.mu.Lock()
	if w.deflate == nil {
		if w.deflate, err = getDeflater(w.agreed.sender(!w.client)); err != nil {
			return nil, nil, err
		}
	}
	if first {
		w.deflate.begin()
	}
	return w.deflate.compress(payload)
}

// releaseDeflater returns the compressor to the pool if there is no context takeover: then it is needed only while a message is
// written.
func (w *writer) releaseDeflater() {
	if bits, fresh := w.agreed.sender(!w.client); fresh && w.deflate != nil {
		deflaters[bits].Put(w.deflate)
		w.deflate = nil
	}
}

// notCompressed stands for the length before compression of a frame that is not compressed.
const notCompressed = -1

// frame appends one frame, in several blocks if it is long. plain is the length of the payload before compression.
func (w *writer) frame(h header, payload []byte, plain int64) error {
	ends := h.fin && !h.opcode.control()
	w.state |= inFrame
	defer w.unlockFrame(h.opcode)
	h.length = int64(len(payload))
	if w.client {
		h.masked, h.mask = true, w.key()
	}
	if w.trace != nil {
		w.traceFrame(h, payload, plain)
	}
	w.block = appendHeader(w.block, h)
	key, full := h.mask, w.full
	if h.opcode.control() {
		full = cap(w.block)
	}
	for {
		n := min(len(payload), full-len(w.block))
		key = w.append(payload[:n], key)
		if payload = payload[n:]; len(payload) == 0 {
			break
		}
		if err := w.drain(); err != nil {
			return err
		}
		w.counts.rest, w.counts.restEnds = len(payload), ends
	}
	if ends {
		w.counts.ends++
	}
	return nil
}

// append appends a part of a payload, masked by a client. The block has room.
func (w *writer) append(p []byte, key uint32) uint32 {
	end := len(w.block)
	w.block = w.block[:end+len(p)]
	if w.client {
		return mask(w.block[end:], p, key)
	}
	copy(w.block[end:], p)
	return key
}

// unlockFrame ends a frame.
func (w *writer) unlockFrame(op Opcode) {
	w.state &^= inFrame
	if op == Close {
		w.state |= closeSent
	}
	w.changed.Broadcast()
}

func (w *writer) traceFrame(h header, payload []byte, plain int64) {
	t := newTrace(h, true)
	t.Head = payload[:min(len(payload), headSize)]
	if plain != notCompressed {
		t.Compressed, t.Inflated = true, plain
	}
	w.trace(t)
}
