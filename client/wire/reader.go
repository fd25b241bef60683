package wire

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// readBlock is how many bytes are asked of the stream at once. A header is believed only as far as bytes have
// arrived: no length in it makes this grow.
const readBlock = 64 << 10

// reader takes the received stream apart: blocks of bytes, frames, messages.
type reader struct {
	stream      io.Reader
	server      bool  // our role
	max         int64 // bytes a message may have; 0 = no bound
	quick       bool  // common may be asked
	most        int   // bytes a message may have for common
	agreed      *Deflate
	idle, awake func()
	trace       func(Trace)

	block    []byte // block[pos:end] is what has been read and not used
	pos, end int
	broken   error // what the stream's Read said in the end

	frame   header // the frame we are in
	left    int64  // bytes of its payload not taken from the block yet
	key     uint32 // the mask key, turned to the next byte
	inFrame bool
	seen    []byte // for the trace: the beginning of its payload
	grown   int64  // for the trace: bytes that were inflated from it

	message    Opcode // of the message we are in; Continuation = in none
	compressed bool
	begun      bool  // a piece of it has been returned
	size       int64 // its bytes so far, inflated
	text       textCheck
	inflate    *inflater // made when the first compressed message arrives
	packed     []byte    // a part of the block that is still to be inflated

	closed bool  // a Close frame has arrived
	err    error // what Next says from now on
}

func (r *reader) start(stream io.Reader, o Options) {
	r.stream, r.server, r.max, r.agreed = stream, o.Server, o.MaxMessage, o.Deflate
	r.idle, r.awake, r.trace = o.Idle, o.Awake, o.Trace
	r.block = make([]byte, readBlock)
	r.quick = !r.server && r.trace == nil
	r.most = readBlock
	if r.max > 0 {
		r.most = int(min(r.max, readBlock))
	}
}

// Next returns the next control frame, or the next piece of a message, as soon as there is one. A message, or a
// part of it, is returned as its bytes arrive; a piece is empty only where an empty message or fragment ends a message.
//
// A frame that RFC 6455 or 7692 forbids is a *ProtocolError. io.EOF means that the stream ended after a Close frame,
// or at least between messages; io.ErrUnexpectedEOF that it ended inside one. After an error Next returns it again.
// What follows a Close frame is read and thrown away.
func (c *Conn) Next() (Piece, error) {
	r := &c.in
	if p, ok := r.common(); ok {
		return p, nil
	}
	for r.err == nil {
		p, ok, err := r.step()
		if err != nil {
			r.err, r.quick = err, false
		} else if ok {
			return p, nil
		}
	}
	return Piece{}, r.err
}

// common returns the next message if it is what most are: in one frame, not compressed, of less than 64 KiB, and here
// whole. It only takes a way that is shorter; whatever is odd is left to step.
func (r *reader) common() (Piece, bool) {
	b := r.block[r.pos:r.end]
	if len(b) < 4 || !r.quick || r.inFrame || r.message != Continuation {
		return Piece{}, false
	}
	op := Opcode(b[0] &^ bitFin)
	if b[0]&bitFin == 0 || op != Text && op != Binary {
		return Piece{}, false
	}
	from, n := 2, int(b[1])
	if n == length16 {
		from, n = 4, int(b[2])<<8|int(b[3])
		if n < length16 {
			return Piece{}, false
		}
	} else if n > length16 { // masked, or longer
		return Piece{}, false
	}
	if n > r.most || n > len(b)-from {
		return Piece{}, false
	}
	p := b[from : from+n : from+n]
	if op == Text && !utf8.Valid(p) {
		return Piece{}, false
	}
	r.pos += from + n
	return Piece{Opcode: op, First: true, Last: true, Payload: p}, true
}

// step goes on by a frame's header, or by what has arrived of its payload. It says false when that was nothing to return.
func (r *reader) step() (Piece, bool, error) {
	if r.closed {
		return Piece{}, false, r.discard()
	}
	if !r.inFrame {
		if err := r.begin(); err != nil {
			return Piece{}, false, err
		}
	}
	switch {
	case r.frame.opcode.control():
		return r.control()
	case r.compressed:
		return r.inflated()
	}
	return r.plain()
}

// begin reads the next frame's header.
func (r *reader) begin() error {
	for {
		h, n, err := r.header()
		if err != nil {
			return err
		}
		if n > 0 {
			r.pos += n
			return r.enter(h)
		}
		if err := r.fill(); err != nil {
			return r.ended(err)
		}
	}
}

// header parses the next header, if it has arrived, and refuses a bad one at its second byte.
func (r *reader) header() (header, int, error) {
	b := r.block[r.pos:r.end]
	if len(b) < 2 {
		return header{}, 0, nil
	}
	h, n, err := parseHeader(b)
	if wrong := r.check(h); wrong != nil {
		return h, 0, wrong
	}
	return h, n, err
}

// check applies the rules that the header's first two bytes can break (RFC 6455, sections 5.1 to 5.5).
func (r *reader) check(h header) error {
	if h.masked != r.server {
		if r.server {
			return errUnmasked
		}
		return errMasked
	}
	if h.rsv != 0 && !r.mayCompress(h) {
		return &ProtocolError{CodeProtocol, fmt.Sprintf("reserved bits %03b on a %v frame", h.rsv, h.opcode)}
	}
	switch h.opcode {
	case Close, Ping, Pong:
		if !h.fin {
			return errCutControl
		}
		if h.length > maxControl {
			return errLongControl
		}
	case Text, Binary:
		if r.message != Continuation {
			return errMessageInside
		}
	case Continuation:
		if r.message == Continuation {
			return errNoMessage
		}
	default:
		return &ProtocolError{CodeProtocol, fmt.Sprintf("reserved opcode %#x", byte(h.opcode))}
	}
	return nil
}

// mayCompress says whether the reserved bits are what permessage-deflate uses: RSV1, on the first frame of a message,
// when it was agreed on (RFC 7692, section 6).
func (r *reader) mayCompress(h header) bool {
	return h.rsv == rsvCompressed && r.agreed != nil && (h.opcode == Text || h.opcode == Binary)
}

// enter begins the payload of a frame, and with its first frame a message.
func (r *reader) enter(h header) error {
	r.frame, r.left, r.key, r.inFrame = h, h.length, h.mask, true
	if h.opcode.control() {
		return nil
	}
	r.seen, r.grown = r.seen[:0], 0
	if h.opcode != Continuation {
		r.message, r.begun, r.size = h.opcode, false, 0
		r.compressed = h.rsv == rsvCompressed
		if r.compressed {
			r.readyInflate()
		}
	}
	return r.bound()
}

// readyInflate prepares for a compressed message. Without context takeover each stands for itself (RFC 7692, section
// 7.1.1).
func (r *reader) readyInflate() {
	if r.inflate == nil {
		r.inflate = newInflater()
	}
	if _, fresh := r.agreed.sender(!r.server); fresh {
		r.inflate.reset()
	}
}

// bound refuses a frame whose announced length alone is too much. A compressed frame may be a little longer than what
// it inflates to; what it inflates to is bounded as it grows.
func (r *reader) bound() error {
	switch {
	case r.max == 0:
	case r.compressed:
		if r.frame.length > r.max+r.max/8+1024 {
			return r.tooBig()
		}
	case r.frame.length > r.max-r.size:
		return r.tooBig()
	}
	return nil
}

func (r *reader) tooBig() error {
	return &ProtocolError{CodeTooBig, fmt.Sprintf("a message of more than %d bytes", r.max)}
}

// control returns a control frame once it is here whole.
func (r *reader) control() (Piece, bool, error) {
	for int64(r.end-r.pos) < r.left {
		if err := r.fill(); err != nil {
			return Piece{}, false, r.ended(err)
		}
	}
	p := r.take()
	r.inFrame = false
	if r.trace != nil {
		t := newTrace(r.frame, false)
		t.Head = p[:min(len(p), headSize)]
		r.trace(t)
	}
	if r.frame.opcode == Close {
		if err := checkClose(p); err != nil {
			return Piece{}, false, err
		}
		r.closed, r.quick = true, false
	}
	return Piece{Opcode: r.frame.opcode, First: true, Last: true, Payload: p}, true, nil
}

// plain returns what has arrived of a frame that is not compressed.
func (r *reader) plain() (Piece, bool, error) {
	p, err := r.arrived()
	if err != nil {
		return Piece{}, false, err
	}
	last := r.left == 0 && r.frame.fin
	if r.left == 0 {
		r.leave(r.frame.length)
	}
	return r.deliver(p, last)
}

// inflated returns what comes out of the bytes of a compressed frame that are here, a window of it at most.
func (r *reader) inflated() (Piece, bool, error) {
	z := r.inflate
	if len(r.packed) == 0 && !z.full() {
		p, err := r.arrived()
		if err != nil {
			return Piece{}, false, err
		}
		r.packed = p
	}
	rest, err := z.inflate(r.packed)
	r.packed = rest
	p := z.take()
	r.grown += int64(len(p))
	done := err == nil && len(rest) == 0 && r.left == 0 && !z.full()
	last := done && r.frame.fin
	if last {
		err = z.endMessage()
	}
	if done {
		r.leave(r.grown)
	}
	piece, ok, wrong := r.deliver(p, last && err == nil)
	if wrong == nil && err != nil {
		wrong = errInflate(err)
	}
	return piece, ok && wrong == nil, wrong
}

// arrived is the frame's payload as far as it is here, at least a byte, unless none is left.
func (r *reader) arrived() ([]byte, error) {
	if r.left > 0 && r.pos == r.end {
		if err := r.fill(); err != nil {
			return nil, r.ended(err)
		}
	}
	p := r.take()
	if r.trace != nil {
		r.seen = append(r.seen, p[:min(len(p), headSize-len(r.seen))]...)
	}
	return p, nil
}

// take takes the frame's bytes out of the block, as far as they are there, and unmasks them in place.
func (r *reader) take() []byte {
	n := int(min(r.left, int64(r.end-r.pos)))
	p := r.block[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	r.left -= int64(n)
	if r.server {
		r.key = mask(p, p, r.key)
	}
	return p
}

// deliver makes a piece of p, if the message may have it. An empty fragment that ends nothing is not returned.
func (r *reader) deliver(p []byte, last bool) (Piece, bool, error) {
	over := r.max > 0 && int64(len(p)) > r.max-r.size
	if over {
		p, last = p[:r.max-r.size], false
	}
	if r.message == Text && !r.text.valid(p, last) {
		return Piece{}, false, errMessageText
	}
	if over {
		return Piece{}, false, r.tooBig()
	}
	if len(p) == 0 && !last {
		return Piece{}, false, nil
	}
	piece := Piece{Opcode: r.message, First: !r.begun, Last: last, Payload: p}
	r.size += int64(len(p))
	r.begun = true
	if last {
		r.message = Continuation
	}
	return piece, true, nil
}

// leave ends a data frame from which so many bytes came.
func (r *reader) leave(inflated int64) {
	r.inFrame = false
	if r.trace == nil {
		return
	}
	t := newTrace(r.frame, false)
	t.Head, t.Compressed, t.Inflated = r.seen, r.compressed, inflated
	r.trace(t)
}

// fill reads more of the stream behind what is in the block. It reports an error only when nothing more came.
func (r *reader) fill() error {
	if r.broken != nil {
		return r.broken
	}
	r.end = copy(r.block, r.block[r.pos:r.end])
	r.pos = 0
	for tries := 0; ; tries++ {
		n, err := r.read(r.block[r.end:])
		r.end += n
		r.broken = err
		if n > 0 {
			return nil
		}
		if err == nil && tries == 100 {
			r.broken = io.ErrNoProgress
		}
		if r.broken != nil {
			return r.broken
		}
	}
}

// read is the one place that may wait.
func (r *reader) read(b []byte) (int, error) {
	if r.idle != nil {
		r.idle()
	}
	n, err := r.stream.Read(b)
	if r.awake != nil {
		r.awake()
	}
	return n, err
}

// ended is what the end of the stream means at this place.
func (r *reader) ended(err error) error {
	if err == io.EOF && (r.inFrame || r.pos < r.end || r.message != Continuation) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// discard reads what comes after a Close frame until the stream ends, however it ends: the goodbye has been said.
func (r *reader) discard() error {
	r.pos, r.end = 0, 0
	if err := r.fill(); err != nil {
		return io.EOF
	}
	return nil
}
