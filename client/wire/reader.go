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
	fast        bool  // nextFast may be used
	fastMax     int   // largest message for nextFast, in bytes
	agreed      *Deflate
	idle, awake func()
	trace       func(Trace)

	block    []byte // block[pos:end] was read and not used
	pos, end int
	broken   error // the error of the stream's last Read

	frame        header // the current frame
	left         int64  // bytes of its payload not consumed yet
	key          uint32 // the mask key, rotated for the next byte
	inFrame      bool
	head         []byte // for the trace: the beginning of its payload
	inflatedSize int64  // for the trace: bytes inflated from it

	message    Opcode // of the current message; Continuation = no message has begun
	compressed bool
	begun      bool  // a fragment of it has been returned
	size       int64 // its bytes so far, inflated
	text       TextCheck
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
	r.fast = !r.server && r.trace == nil
	r.fastMax = len(r.block)
	if r.max > 0 {
		r.fastMax = int(min(r.max, int64(len(r.block))))
	}
}

// Next returns the next control frame or fragment of a message. A message is returned as its bytes arrive, in several fragments if
// it is large; a fragment is empty only if it is the end of a message.
//
// The error is a *ProtocolError for a frame that RFC 6455 or 7692 forbids, io.EOF if the stream ended after a Close frame or
// between messages, io.ErrUnexpectedEOF if it ended inside a message, else that of the stream. After an error Next returns the
// same error again. Bytes after a Close frame are read and discarded.
func (c *Conn) Next() (Fragment, error) {
	r := &c.in
	if p, ok := r.nextFast(); ok {
		return p, nil
	}
	for r.err == nil {
		p, ok, err := r.step()
		if err != nil {
			r.err, r.fast = err, false
		} else if ok {
			return p, nil
		}
	}
	return Fragment{}, r.err
}

// Rest returns more of a frame whose text is not UTF-8, after Next returned the error for that. It reports whether there is more: not at
// the end of the frame or of the stream, nor if the message is longer than Options.MaxMessage.
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

// nextFast is the fast path of Next: it returns the next message if that is one frame, not compressed, shorter than 64 KiB, and
// already read. It leaves everything else to step.
func (r *reader) nextFast() (Fragment, bool) {
	b := r.block[r.pos:r.end]
	if len(b) < 4 || !r.fast || r.inFrame || r.message != Continuation {
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
	if n > r.fastMax || n > len(b)-from {
		return Fragment{}, false
	}
	p := b[from : from+n : from+n]
	if op == Text && !utf8.Valid(p) {
		return Fragment{}, false
	}
	r.pos += from + n
	return Fragment{Opcode: op, First: true, Last: true, Payload: p}, true
}

// step reads a frame's header, or the part of its payload that has arrived. It also reports whether there is something to return.
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
			return r.streamEnd(err)
		}
	}
}

// header parses the next header if it has arrived. An invalid one is refused as soon as its first two bytes have arrived.
func (r *reader) header() (header, int, error) {
	b := r.block[r.pos:r.end]
	if len(b) < 2 {
		return header{}, 0, nil
	}
	h, n, err := parseHeader(b)
	if wrong := r.check(h); wrong != nil {
		if line, isHTTP := statusLine(b); isHTTP {
			wrong = &ProtocolError{Code: CodeProtocol, Reason: "received an HTTP response instead of a frame", HTTP: line}
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

// nextFrame sets the current frame, and resets the state of the message if this is its first frame.
func (r *reader) nextFrame(h header) error {
	r.frame, r.left, r.key, r.inFrame = h, h.length, h.mask, true
	if h.opcode.control() {
		return nil
	}
	r.head, r.inflatedSize = r.head[:0], 0
	if h.opcode != Continuation {
		r.message, r.begun, r.size = h.opcode, false, 0
		r.compressed = h.rsv == rsvCompressed
		if r.compressed {
			r.readyInflate()
		}
	}
	return r.checkLength()
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

// releaseInflater returns the inflater to the pool between messages, if there is no context takeover.
func (r *reader) releaseInflater() {
	if r.inflate == nil || r.message != Continuation {
		return
	}
	if _, fresh := r.agreed.sender(!r.server); fresh {
		inflaters.Put(r.inflate)
		r.inflate = nil
	}
}

// control reads and returns a control frame.
func (r *reader) control() (Fragment, bool, error) {
	for int64(r.end-r.pos) < r.left {
		if err := r.fill(); err != nil {
			return Fragment{}, false, r.streamEnd(err)
		}
	}
	p := r.consume()
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
		r.closed, r.fast = true, false
	}
	return Fragment{Opcode: r.frame.opcode, First: true, Last: true, Payload: p}, true, nil
}

// plain returns the part of an uncompressed frame that has arrived.
func (r *reader) plain() (Fragment, bool, error) {
	p, err := r.available()
	if err != nil {
		return Fragment{}, false, err
	}
	last := r.left == 0 && r.frame.fin
	if r.left == 0 {
		r.endFrame(r.frame.length)
	}
	return r.messageFragment(p, last)
}

// inflated inflates the part of a compressed frame that has arrived, at most one window at a time.
func (r *reader) inflated() (Fragment, bool, error) {
	z := r.inflate
	if len(r.packed) == 0 && !z.full() {
		p, err := r.available()
		if err != nil {
			return Fragment{}, false, err
		}
		r.packed = p
	}
	rest, err := z.inflate(r.packed)
	r.packed = rest
	p := z.output()
	r.inflatedSize += int64(len(p))
	done := err == nil && len(rest) == 0 && r.left == 0 && !z.full()
	last := done && r.frame.fin
	if last {
		err = z.endMessage()
	}
	if done {
		r.endFrame(r.inflatedSize)
	}
	fragment, ok, failed := r.messageFragment(p, last && err == nil)
	if failed == nil && err != nil {
		failed = errInflate(err)
	}
	return fragment, ok && failed == nil, failed
}

// messageFragment returns p as a fragment of the message, or an error if the message is not UTF-8 or becomes too long. It returns an
// empty fragment only at the end.
func (r *reader) messageFragment(p []byte, last bool) (Fragment, bool, error) {
	over := r.max > 0 && int64(len(p)) > r.max-r.size
	if over {
		p, last = p[:r.max-r.size], false
	}
	if r.message == Text && !r.unchecked && !r.text.Valid(p, last) {
		return Fragment{}, false, invalidText(Fragment{Opcode: Text, First: !r.begun, Last: over || !r.inFrame, Payload: p})
	}
	if over {
		return Fragment{}, false, r.tooBig()
	}
	if len(p) == 0 && !last {
		return Fragment{}, false, nil
	}
	fragment := Fragment{Opcode: r.message, First: !r.begun, Last: last, Payload: p}
	r.size += int64(len(p))
	r.begun = true
	if last {
		r.message = Continuation
	}
	return fragment, true, nil
}

// endFrame ends a data frame.
func (r *reader) endFrame(inflated int64) {
	r.inFrame = false
	if r.trace == nil {
		return
	}
	t := newTrace(r.frame, false)
	t.Head, t.Compressed, t.Inflated = r.head, r.compressed, inflated
	r.trace(t)
}
