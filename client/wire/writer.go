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
	// writeBlock is how many bytes are written to the stream at once, if that much is buffered, unless Options.WriteBlock is set.
	writeBlock = 128 << 10
	// postSize is the longest control frame.
	postSize = maxHeader + maxControl
)

// The states in which a frame or message may not begin.
const (
	framing = 1 << iota // a frame is being written: no other frame may begin
	open                // a fragmented message is being written: only control frames may begin
	ending              // a Close frame was written: no frame may follow
	failed              // a write failed, or the stream is closed
)

// writer appends frames to a block of bytes, and writes the block to the stream.
//
// A goroutine that finds the block full, or flushes, replaces it by the other, empty one, and writes it with the lock released. Other
// goroutines append to the second block until that is full as well and they have to wait. So memory stays bounded, and a peer that
// does not read blocks writers, but never Post.
type writer struct {
	stream io.Writer
	client bool
	agreed *Deflate
	trace  func(Trace)
	full   int // bytes of a block that is written to the stream
	from   int // shortest message that is compressed, in bytes
	most   int // largest message for common, in bytes; -1 = none
	posts  posts

	deflate *deflater     // belongs to the goroutine that writes the message
	written atomic.Uint64 // messages written whole

	mu    sync.Mutex    // guards the fields below; never held across stream.Write
	turn  sync.Cond     // a field below has changed
	state uint8         // a combination of the constants above
	err   error         // the error, if failed
	busy  bool          // a goroutine is in stream.Write
	block []byte        // frames to be written
	other []byte        // the other block; nil = it is being written
	tally counter       // of block
	keys  *rand.ChaCha8 // mask keys, unpredictable (RFC 6455, section 10.3)
	keep  uint64        // a key that was generated and not used, and a bit above it; 0 = none
}

func (w *writer) start(stream io.Writer, o Options) {
	w.stream, w.client, w.agreed, w.trace = stream, !o.Server, o.Deflate, o.Trace
	w.turn.L = &w.mu
	w.full = blockSize(o.WriteBlock, writeBlock)
	w.posts.most = min(maxPosts, w.full/postSize)
	// A block has room behind its full length for control frames, which are never split: one of a caller, and all posted.
	w.block = make([]byte, 0, w.full+(w.posts.most+1)*postSize)
	var seed [32]byte
	crand.Read(seed[:]) // never fails (Go 1.24)
	w.keys = rand.NewChaCha8(seed)
	w.most = 1<<16 - 1
	if o.Deflate != nil {
		w.from = deflateFrom
		if _, fresh := o.Deflate.sender(o.Server); fresh {
			w.from = deflateFreshFrom
		}
		w.most = w.from - 1
	}
	if o.Server || o.Trace != nil {
		w.most = -1
	}
}

// WriteMessage buffers one message: in one frame, or, if it is compressed and long, in several. It is compressed if permessage-deflate
// was agreed on and it has 128 bytes or more, without context takeover 512. WriteMessage waits while a message begun by WriteFragment
// is not ended, also in the goroutine that began it, and while the peer does not read and the blocks are full. It does not modify or
// keep the payload, nor check that it is UTF-8. Flush sends it.
func (c *Conn) WriteMessage(op Opcode, payload []byte) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	if w.common(op, payload) {
		w.mu.Unlock()
		return nil
	}
	defer w.mu.Unlock()
	return w.message(op, payload)
}

// WriteMessages calls WriteMessage for each payload, and locks only once: that saves a fifth of the cost of a short message. The
// sequence must neither wait nor call the Conn.
func (c *Conn) WriteMessages(op Opcode, payloads iter.Seq[[]byte]) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	for payload := range payloads {
		if w.common(op, payload) {
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
	if err := w.begin(framing | open); err != nil {
		return err
	}
	if w.agreed != nil && len(payload) >= w.from {
		return w.compress(op, payload)
	}
	return w.frame(header{fin: true, opcode: op}, payload, notCompressed)
}

// common is the fast path: it appends a client's message that is not compressed, of less than 64 KiB, if the block has room. Else it
// returns false.
func (w *writer) common(op Opcode, p []byte) bool {
	if w.state != 0 || w.posts.waiting.Load() || len(p) > min(w.most, w.full-maxHeader-len(w.block)) {
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
	w.tally.ends++
	return true
}

// key returns a new mask key. The generator returns two at a time.
func (w *writer) key() uint32 {
	if w.keep != 0 {
		key := uint32(w.keep)
		w.keep = 0
		return key
	}
	keys := w.keys.Uint64()
	w.keep = keys>>32 | 1<<32
	return uint32(keys)
}

// WriteFragment buffers one fragment of a message, as a frame of its own and never compressed: the caller chooses the frames. From the
// first to the last fragment other messages wait, also the first fragment of another one; control frames do not.
func (c *Conn) WriteFragment(op Opcode, payload []byte, first, last bool) error {
	if op != Text && op != Binary {
		return fmt.Errorf("a message cannot have the opcode %v", op)
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	wait, h := uint8(framing), header{fin: last, opcode: Continuation}
	if first {
		wait, h.opcode = framing|open, op
	}
	if err := w.begin(wait); err != nil {
		return err
	}
	if !first && w.state&open == 0 {
		return errors.New("a further piece of no message")
	}
	w.state |= open
	err := w.frame(h, payload, notCompressed)
	if last {
		w.state &^= open
		w.turn.Broadcast()
	}
	return err
}

// WriteControl buffers a control frame, after the frames written before. It may be inside a fragmented message, but waits, like
// WriteMessage, for the end of a frame and for the peer. After a Close frame nothing can be written.
func (c *Conn) WriteControl(op Opcode, payload []byte) error {
	if err := checkControl(op, payload); err != nil {
		return err
	}
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.begin(framing); err != nil {
		return err
	}
	return w.frame(header{fin: true, opcode: op}, payload, notCompressed)
}

// Flush writes all pending frames to the stream, posted frames too, and returns when they were written. The goroutine that reads must
// call Post instead: a peer that waits for us to read would block it for ever.
func (c *Conn) Flush() error {
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drain()
}

// Written returns how many data messages were written to the stream whole, to the last byte of their last frame.
func (c *Conn) Written() uint64 { return c.out.written.Load() }

// begin waits until a frame may begin: until none of these states holds, and the block has room for a header. It returns an error if
// that is not possible any more. It appends posted frames first.
func (w *writer) begin(states uint8) error {
	for {
		switch {
		case w.state&failed != 0:
			return w.err
		case w.state&ending != 0:
			return ErrCloseSent
		case w.state&states != 0:
			w.turn.Wait()
		case len(w.block)+maxHeader > w.full:
			if err := w.drain(); err != nil {
				return err
			}
		case w.posts.waiting.Load():
			w.appendPosts()
		default:
			return nil
		}
	}
}

// compress writes a message compressed, in one frame or more.
func (w *writer) compress(op Opcode, payload []byte) error {
	w.state |= open
	defer func() {
		w.releaseDeflater()
		w.state &^= open
		w.turn.Broadcast()
	}()
	h := header{opcode: op, rsv: rsvCompressed}
	for !h.fin {
		packed, rest, err := w.compressMessage(payload, h.opcode == op)
		if err != nil {
			return err
		}
		if err := w.begin(framing); err != nil {
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

// compressMessage compresses, with the lock released, as much of a message as fills a frame. It returns that and the rest of the
// message.
func (w *writer) compressMessage(payload []byte, first bool) (packed, rest []byte, err error) {
	w.mu.Unlock()
	defer w.mu.Lock()
	if w.deflate == nil {
		if w.deflate, err = takeDeflater(w.agreed.sender(!w.client)); err != nil {
			return nil, nil, err
		}
	}
	if first {
		w.deflate.begin()
	}
	return w.deflate.compress(payload)
}

// releaseDeflater returns the compressor to the pool without context takeover: it is needed only while a message is written.
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
	w.state |= framing
	defer w.unlockFrame(h.opcode)
	h.length = int64(len(payload))
	if w.client {
		h.masked, h.mask = true, w.key()
	}
	if w.trace != nil {
		w.show(h, payload, plain)
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
		w.tally.rest, w.tally.restEnds = len(payload), ends
	}
	if ends {
		w.tally.ends++
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
	w.state &^= framing
	if op == Close {
		w.state |= ending
	}
	w.turn.Broadcast()
}

func (w *writer) show(h header, payload []byte, plain int64) {
	t := newTrace(h, true)
	t.Head = payload[:min(len(payload), headSize)]
	if plain != notCompressed {
		t.Compressed, t.Inflated = true, plain
	}
	w.trace(t)
}
