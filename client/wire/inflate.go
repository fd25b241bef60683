package wire

import (
	"errors"
	"sync"
)

// inflater decodes DEFLATE (RFC 1951) as bytes arrive. It can stop after any byte: a Ping between two fragments must be
// answered before the next byte arrives. compress/flate cannot do that, since it reads from a Reader. The window is kept
// between messages, and the output is a part of the window.
type inflater struct {
	bits  uint64 // read from the source and not used; the next bit is the lowest
	count uint   // number of bits

	step  step
	final bool // this block is the last of its stream
	want  int  // stored block: bytes left; code lengths: their number

	lengths   [maxLiterals + maxDistances]byte // of the codes of a dynamic block, as they are read
	have      int                              // number of lengths that were read
	literals  int                              // number of lengths of the literal code
	order     int                              // number of lengths of the meta code that were read
	meta      prefixCode                       // the code of the code lengths
	own       [2]prefixCode                    // a dynamic block's codes
	lit, dist *prefixCode                      // the codes of this block
	window    []byte                           // window[:pos] is history, then output
	returned  int                              // window[returned:pos] was not returned by output yet
	pos       int
	length    int // bytes of a match that did not fit into the window
	distance  int
}

// step is what the next bits are.
type step byte

const (
	atBlock       step = iota // a block's header
	atStored                  // the length of a stored block
	inStored                  // its bytes
	atCounts                  // the numbers of codes of a dynamic block
	atMetaLengths             // the lengths of the code lengths' code
	atLengths                 // the code lengths
	inCodes                   // literals and matches
)

const (
	maxDistances = 30
	endOfBlock   = 256

	maxMatch    = 258
	historySize = 32 << 10 // how far back a match may reach
	windowSize  = 96 << 10 // history and room for output
)

var (
	errBlockType = errors.New("unknown block type")
	errStored    = errors.New("stored block with a wrong length")
	errCode      = errors.New("invalid Huffman code")
	errDistance  = errors.New("invalid distance")
	errCut       = errors.New("the message ends inside a block")
)

// inflaters is a pool of unused inflaters: see deflaters.
var inflaters = sync.Pool{New: func() any { return newInflater() }}

func newInflater() *inflater { return &inflater{window: make([]byte, windowSize)} }

// reset clears all state: the next byte begins a new stream.
func (z *inflater) reset() {
	z.bits, z.count, z.step = 0, 0, atBlock
	z.pos, z.returned, z.length = 0, 0, 0
}

// full reports whether the window is full: output must be called before more can be inflated.
func (z *inflater) full() bool { return z.pos == len(z.window) }

// output returns the inflated bytes; they are valid until the next call of inflate.
func (z *inflater) output() []byte {
	p := z.window[z.returned:z.pos]
	z.returned = z.pos
	return p
}

// inflate decodes src until it is used up or the window is full, and returns the unused rest. output must have been called
// before.
func (z *inflater) inflate(src []byte) ([]byte, error) {
	z.slide()
	z.match()
	for !z.full() {
		var more bool
		var err error
		switch z.step {
		case inStored:
			src, more = z.stored(src)
		case inCodes:
			src, more, err = z.codes(src)
		default:
			src = z.refill(src)
			more, err = z.head()
			more = more || len(src) > 0
		}
		if err != nil || !more {
			return src, err
		}
	}
	return src, nil
}

// slide moves the history to the beginning of the window when less than a third of it is free.
func (z *inflater) slide() {
	if len(z.window)-z.pos >= windowSize/3 {
		return
	}
	copy(z.window, z.window[z.pos-historySize:z.pos])
	z.pos, z.returned = historySize, historySize
}

// refill moves whole bytes of src to bits while there is room, and returns the rest.
func (z *inflater) refill(src []byte) []byte {
	for z.count <= 56 && len(src) > 0 {
		z.bits |= uint64(src[0]) << z.count
		z.count += 8
		src = src[1:]
	}
	return src
}

// use consumes n bits, which must have been read.
func (z *inflater) use(n uint) int {
	v := int(z.bits & (1<<n - 1))
	z.bits >>= n
	z.count -= n
	return v
}

// errInflate returns the protocol error for a message that does not inflate.
func errInflate(err error) error {
	return &ProtocolError{Code: CodeInvalidData, Inflate: true, Reason: "a message that does not inflate: " + err.Error()}
}

// endMessage checks that the message ended where RFC 7692, section 7.2.2, requires it: after the header of an empty stored
// block, whose length 00 00 ff ff is not sent.
func (z *inflater) endMessage() error {
	if z.step != atStored || z.count != 0 {
		return errCut
	}
	z.endBlock()
	return nil
}

// storedLength reads the length of a stored block, and its complement (RFC 1951, section 3.2.4).
func (z *inflater) storedLength() (bool, error) {
	if z.count < 32 {
		return false, nil
	}
	n, complement := z.use(16), z.use(16)
	if n != complement^0xffff {
		return false, errStored
	}
	z.want, z.step = n, inStored
	return true, nil
}

// stored copies the bytes of a stored block, first those that were read as bits.
func (z *inflater) stored(src []byte) ([]byte, bool) {
	for z.count > 0 && z.want > 0 && z.pos < len(z.window) {
		z.window[z.pos] = byte(z.use(8))
		z.pos, z.want = z.pos+1, z.want-1
	}
	if z.count == 0 {
		z.bits = 0
		n := copy(z.window[z.pos:], src[:min(len(src), z.want)])
		z.pos, z.want, src = z.pos+n, z.want-n, src[n:]
	}
	if z.want == 0 {
		z.endBlock()
		return src, true
	}
	return src, len(src) > 0
}
