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
	// writeBlock is how many bytes are handed to the stream at once, if that much is buffered, unless Options.WriteBlock says
	// otherwise.
	writeBlock = 128 << 10
	// postSize is the longest control frame.
	postSize = maxHeader + maxControl
)

// What keeps a frame or message from beginning at once.
const (
	framing = 1 << iota // a frame has begun and not ended: nothing may stand inside it
	open                // a message has begun and not ended: only control frames may stand inside it
	ending              // a Close frame is the last
	failed              // the stream refused a write, or is closed
)

// writer appends frames to a block of bytes, and hands the block to the stream.
//
// Whoever finds the block full, or flushes, takes it away, leaves the other, empty one, and writes with the lock
// released: others go on appending meanwhile, until the second block is full as well and they have to wait.
// So memory stays bounded, and a peer that does not read stops those who write, but never posts.
type writer struct {
	stream io.Writer
	client bool
	agreed *Deflate
	trace  func(Trace)
	full   int // bytes of a block that is handed to the stream
	from   int // bytes of the shortest message that is compressed
	most   int // bytes a message may have for common; -1 = none
	posts  posts

	deflate *deflater     // belongs to the writer that has begun the message
	written atomic.Uint64 // messages handed over whole

	mu    sync.Mutex    // guards the fields below; never held across stream.Write
	turn  sync.Cond     // something below has changed for the better, or all is lost
	state uint8         // of the constants above
	err   error         // why, when failed
	busy  bool          // a goroutine is in stream.Write
	block []byte        // frames that are to be written
	other []byte        // the block that is not in use; nil = it is being written
	tally counter       // of block
	keys  *rand.ChaCha8 // mask keys, unpredictable (RFC 6455, section 10.3)
	keep  uint64        // one that was made and not used, and a bit above it; 0 = none
}

func (w *writer) start(stream io.Writer, o Options) {
	w.stream, w.client, w.agreed, w.trace = stream, !o.Server, o.Deflate, o.Trace
	w.turn.L = &w.mu
	w.full = blockSize(o.WriteBlock, writeBlock)
	w.posts.most = min(maxPosts, w.full/postSize)
	// Behind a block room is kept free for control frames, which are never cut: one of a caller, and all posted.
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

// WriteMessage appends one message to what is to be sent: in one frame, or, when it is compressed and long, in several.
// It is compressed when permessage-deflate was agreed on and it has 128 bytes or more, without context takeover 512. It
// waits while a message begun by WriteFragment is open, also for the writer that began it, and while the peer does not
// read and the blocks are full. The payload is not modified, not kept, and not checked to be UTF-8. Flush sends it on its way.
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

// WriteMessages is WriteMessage for each payload, with the lock taken once for all: that is a fifth of the cost of a
// short one. The sequence must neither wait nor call the Conn.
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

// message appends a message, whatever it takes.
func (w *writer) message(op Opcode, payload []byte) error {
	if err := w.begin(framing | open); err != nil {
		return err
	}
	if w.agreed != nil && len(payload) >= w.from {
		return w.compress(op, payload)
	}
	return w.frame(header{fin: true, opcode: op}, payload, notCompressed)
}

// common appends the message if it is what most are: from a client, not to be compressed, of less than 64 KiB, and with
// room for it. It only takes a way that is shorter; for all else it returns false.
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

// key is a fresh mask key. The generator makes two at a time.
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

// WriteFragment appends one fragment of a message, as a frame of its own and never compressed: whoever cuts a message
// into frames wants to see exactly those. From the first to the last piece other messages wait, also the first piece of
// another one; control frames do not.
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

// WriteControl appends a control frame, in order with what was written before. It may stand inside a fragmented message,
// but waits, like WriteMessage, for the end of a frame and for the peer. After a Close frame nothing can be written.
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

// Flush hands everything that is pending to the stream, posted frames too, and returns when the stream has taken it.
// The reader must call Post instead: a peer that waits for us to read would make it wait for ever.
func (c *Conn) Flush() error {
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drain()
}

// Written is how many data messages the stream has taken whole, to the last byte of their last frame.
func (c *Conn) Written() uint64 { return c.out.written.Load() }

// begin waits until a frame may begin: until none of these states holds, and there is room for a header. It fails
// when that cannot be any more. What was posted before goes before.
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

// compress writes a message compressed, in a frame, or as many as it fills.
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

// compressMessage compresses, without the lock, as much of a message as fills a frame. It returns that and the rest of the message.
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

// releaseDeflater returns the compressor of a message that stands for itself: it is needed while that is written only.
func (w *writer) releaseDeflater() {
	if bits, fresh := w.agreed.sender(!w.client); fresh && w.deflate != nil {
		deflaters[bits].Put(w.deflate)
		w.deflate = nil
	}
}

// notCompressed stands where the length before compression is asked for.
const notCompressed = -1

// frame appends one frame, by blocks when it is long. Plain is how long the payload was before it was compressed.
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

// append appends a part of a payload, masked if we are a client. There is room.
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
