package wire

import "io"

// readBlock is how many bytes are read from the stream at once, unless Options.ReadBlock is set. It does not depend on the
// lengths in headers, which the peer may choose at will.
const readBlock = 256 << 10

// smallestBlock has room for any header and any control frame.
const smallestBlock = 256

// blockSize returns the size of a block in the options, or the default.
func blockSize(asked, usual int) int {
	if asked == 0 {
		return usual
	}
	return max(asked, smallestBlock)
}

// available returns the frame's payload as far as it was read. It reads at least a byte, unless the frame is complete.
func (r *reader) available() ([]byte, error) {
	if r.left > 0 && r.pos == r.end {
		if err := r.fill(); err != nil {
			return nil, r.streamEnd(err)
		}
	}
	p := r.consume()
	if r.trace != nil {
		r.head = append(r.head, p[:min(len(p), headSize-len(r.head))]...)
	}
	return p, nil
}

// consume takes the frame's bytes out of the block, as far as they were read, and unmasks them in place.
func (r *reader) consume() []byte {
	n := int(min(r.left, int64(r.end-r.pos)))
	p := r.block[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	r.left -= int64(n)
	if r.server {
		r.key = mask(p, p, r.key)
	}
	return p
}

// fill appends bytes of the stream to the block. It returns an error only if nothing was read.
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

// read reads from the stream. No other method of the reader blocks.
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

// streamEnd returns the error for an end of the stream here: io.ErrUnexpectedEOF inside a frame or message.
func (r *reader) streamEnd(err error) error {
	if err == io.EOF && (r.inFrame || r.pos < r.end || r.message != Continuation) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// discard reads after a Close frame until the stream ends, and ignores the error: the closing handshake is done.
func (r *reader) discard() error {
	r.pos, r.end = 0, 0
	if err := r.fill(); err != nil {
		return io.EOF
	}
	return nil
}
