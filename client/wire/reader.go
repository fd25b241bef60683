package wire

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// reader parses the received stream: blocks of bytes, frames, messages.
type reader struct {
	stream      io.Reader
	server      bool  // our role
	max         int64 // largest message in bytes; 0 = no limit
	quick       bool  // common may be used
	most        int   // largest message for common, in bytes
	agreed      *Deflate
	idle, awake func()
	trace       func(Trace)

	block    []byte // block[pos:end] was read and not used
	pos, end int
	broken   error // the error of the stream's last Read

	frame   header // the current frame
	left    int64  // bytes of its payload not taken yet
	key     uint32 // the mask key, rotated for the next byte
	inFrame bool
	seen    []byte // for the trace: the beginning of its payload
	grown   int64  // for the trace: bytes inflated from it

	message    Opcode // of the current message; Continuation = none
	compressed bool
	begun      bool  // a fragment of it has been returned
	size       int64 // its bytes so far, inflated
	text       textCheck
	unchecked  bool      // text that is not UTF-8 was reported; Rest reads its frame
	inflate    *inflater // made when the first compressed message arrives
	packed     []byte    // a part of the block that was not inflated yet

	closed bool  // a Close frame was received
	err    error // the error of Next from now on
}

func (r *reader) start(stream io.Reader, o Options) {
	r.stream, r.server, r.max, r.agreed = stream, o.Server, o.MaxMessage, o.Deflate
	r.idle, r.awake, r.trace = o.BeforeRead, o.AfterRead, o.Trace
	r.block = make([]byte, blockSize(o.ReadBlock, readBlock))
	r.quick = !r.server && r.trace == nil
	r.most = len(r.block)
	if r.max > 0 {
		r.most = int(min(r.max, int64(len(r.block))))
	}
}

// Next returns the next control frame or part of a message. A message is returned as its bytes arrive; a part is empty only where an
// empty message or fragment ends a message.
//
// A frame that RFC 6455 or 7692 forbids is a *ProtocolError. io.EOF means that the stream ended after a Close frame,
// or at least between messages; io.ErrUnexpectedEOF that it ended inside one. After an error Next returns it again.
// What follows a Close frame is read and discarded.
func (c *Conn) Next() (Fragment, error) {
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
	return Fragment{}, r.err
}

// Rest returns more of a frame after Next returned an error because its text is not UTF-8. It returns false at the end of the frame or
// of the stream, or if the message is longer than Options.MaxMessage.
func (c *Conn) Rest() (p Fragment, ok bool) {
	r := &c.in
	r.unchecked, r.begun = true, true
	var err error
	for r.inFrame && !ok && err == nil {
		if r.compressed {
			p, ok, err = r.inflated()
		} else {
			p, ok, err = r.plain()
		}
	}
	p.Last = ok && !r.inFrame
	return p, ok
}

// common is the fast path: it returns the next message if that is in one frame, not compressed, of less than 64 KiB, and was read
// whole. It leaves everything else to step.
func (r *reader) common() (Fragment, bool) {
	b := r.block[r.pos:r.end]
	if len(b) < 4 || !r.quick || r.inFrame || r.message != Continuation {
		return Fragment{}, false
	}
	op := Opcode(b[0] &^ bitFin)
	if b[0]&bitFin == 0 || op != Text && op != Binary {
		return Fragment{}, false
	}
	from, n := 2, int(b[1])
	if n == length16 {
		from, n = 4, int(b[2])<<8|int(b[3])
		if n < length16 {
			return Fragment{}, false
		}
	} else if n > length16 { // masked, or longer
		return Fragment{}, false
	}
	if n > r.most || n > len(b)-from {
		return Fragment{}, false
	}
	p := b[from : from+n : from+n]
	if op == Text && !utf8.Valid(p) {
		return Fragment{}, false
	}
	r.pos += from + n
	return Fragment{Opcode: op, First: true, Last: true, Payload: p}, true
}

// step reads a frame's header, or what has arrived of its payload. It returns false if there is nothing to return yet.
func (r *reader) step() (Fragment, bool, error) {
	if r.closed {
		return Fragment{}, false, r.discard()
	}
	if !r.inFrame {
		r.releaseInflater()
		if err := r.begin(); err != nil {
			return Fragment{}, false, err
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
			return r.nextFrame(h)
		}
		if err := r.fill(); err != nil {
			return r.ended(err)
		}
	}
}

// header parses the next header, if it has arrived, and refuses an invalid one at its second byte.
func (r *reader) header() (header, int, error) {
	b := r.block[r.pos:r.end]
	if len(b) < 2 {
		return header{}, 0, nil
	}
	h, n, err := parseHeader(b)
	if wrong := r.check(h); wrong != nil {
		if line, isHTTP := statusLine(b); isHTTP {
			wrong = &ProtocolError{Code: CodeProtocol, Reason: "an HTTP response came instead of a frame", HTTP: line}
		}
		return h, 0, wrong
	}
	return h, n, err
}

// maxStatusLine bounds the status line that a ProtocolError quotes, in bytes.
const maxStatusLine = 120

// statusLine returns the first line of an HTTP/1 response, as far as it has arrived, and reports whether b is one.
func statusLine(b []byte) (line string, isHTTP bool) {
	if !bytes.HasPrefix(b, []byte("HTTP/1.")) {
		return "", false
	}
	first, _, _ := bytes.Cut(b[:min(len(b), maxStatusLine)], []byte("\n"))
	return string(bytes.TrimRight(first, "\r")), true
}

// nextFrame begins the payload of a frame, and for its first frame a message.
func (r *reader) nextFrame(h header) error {
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

// readyInflate prepares for a compressed message. Without context takeover each is compressed on its own (RFC 7692, section 7.1.1).
func (r *reader) readyInflate() {
	if r.inflate == nil {
		r.inflate = inflaters.Get().(*inflater)
		r.inflate.reset()
	}
	if _, fresh := r.agreed.sender(!r.server); fresh {
		r.inflate.reset()
	}
}

// releaseInflater returns the inflater to the pool without context takeover, once its output has been used.
func (r *reader) releaseInflater() {
	if r.inflate == nil || r.message != Continuation {
		return
	}
	if _, fresh := r.agreed.sender(!r.server); fresh {
		inflaters.Put(r.inflate)
		r.inflate = nil
	}
}

// control returns a control frame once it was read whole.
func (r *reader) control() (Fragment, bool, error) {
	for int64(r.end-r.pos) < r.left {
		if err := r.fill(); err != nil {
			return Fragment{}, false, r.ended(err)
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
			return Fragment{}, false, err
		}
		r.closed, r.quick = true, false
	}
	return Fragment{Opcode: r.frame.opcode, First: true, Last: true, Payload: p}, true, nil
}

// plain returns what has arrived of a frame that is not compressed.
func (r *reader) plain() (Fragment, bool, error) {
	p, err := r.arrived()
	if err != nil {
		return Fragment{}, false, err
	}
	last := r.left == 0 && r.frame.fin
	if r.left == 0 {
		r.endFrame(r.frame.length)
	}
	return r.deliver(p, last)
}

// inflated returns what the bytes of a compressed frame that have arrived inflate to, at most a window of it.
func (r *reader) inflated() (Fragment, bool, error) {
	z := r.inflate
	if len(r.packed) == 0 && !z.full() {
		p, err := r.arrived()
		if err != nil {
			return Fragment{}, false, err
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
		r.endFrame(r.grown)
	}
	part, ok, failed := r.deliver(p, last && err == nil)
	if failed == nil && err != nil {
		failed = errInflate(err)
	}
	return part, ok && failed == nil, failed
}

// deliver returns p as a part of the message, or an error if that becomes too long. It returns an empty part only at the end.
func (r *reader) deliver(p []byte, last bool) (Fragment, bool, error) {
	over := r.max > 0 && int64(len(p)) > r.max-r.size
	if over {
		p, last = p[:r.max-r.size], false
	}
	if r.message == Text && !r.unchecked && !r.text.valid(p, last) {
		return Fragment{}, false, invalidText(Fragment{Opcode: Text, First: !r.begun, Last: over || !r.inFrame, Payload: p})
	}
	if over {
		return Fragment{}, false, r.tooBig()
	}
	if len(p) == 0 && !last {
		return Fragment{}, false, nil
	}
	part := Fragment{Opcode: r.message, First: !r.begun, Last: last, Payload: p}
	r.size += int64(len(p))
	r.begun = true
	if last {
		r.message = Continuation
	}
	return part, true, nil
}

// endFrame ends a data frame.
func (r *reader) endFrame(inflated int64) {
	r.inFrame = false
	if r.trace == nil {
		return
	}
	t := newTrace(r.frame, false)
	t.Head, t.Compressed, t.Inflated = r.seen, r.compressed, inflated
	r.trace(t)
}
