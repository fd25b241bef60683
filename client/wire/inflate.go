package wire

import (
	"encoding/binary"
	"errors"
)

// inflater undoes DEFLATE (RFC 1951) as the bytes come in. It can be put aside after any byte and for any length of
// time, which compress/flate cannot, because that one pulls its bytes out of a Reader: here a ping may stand between two
// fragments and has to be answered before the next byte arrives. It keeps its window between messages, and
// what it returns lies in that window.
type inflater struct {
	bits  uint64 // taken from the source and not used, the next one lowest
	count uint   // how many

	step  step
	final bool // this block is the last of its stream
	want  int  // stored block: bytes left; code lengths: how many there are

	lengths   [maxLiterals + maxDistances]byte // of the codes of a dynamic block, as they are read
	have      int                              // how many of lengths are read
	literals  int                              // how many belong to the literal code
	order     int                              // how many lengths of the code lengths' own code are read
	meta      prefixCode                       // the code lengths' own code
	own       [2]prefixCode                    // a dynamic block's codes
	lit, dist *prefixCode                      // the codes of this block
	window    []byte                           // window[:pos] is history, then output
	taken     int                              // window[taken:pos] has not been returned
	pos       int
	length    int // bytes of a match that did not fit
	distance  int
}

// step is what the next bits are.
type step byte

const (
	atBlock       step = iota // a block's header
	atStored                  // the length of a stored block
	inStored                  // its bytes
	atCounts                  // how many codes a dynamic block has
	atMetaLengths             // the lengths of the code lengths' code
	atLengths                 // the code lengths
	inCodes                   // literals and matches
)

const (
	maxLiterals  = 286 // codes for literals and lengths
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
	errDistance  = errors.New("match before the beginning")
	errCut       = errors.New("message ends inside a block")
)

func newInflater() *inflater { return &inflater{window: make([]byte, windowSize)} }

// reset forgets everything: the next byte begins a stream of its own.
func (z *inflater) reset() {
	z.bits, z.count, z.step = 0, 0, atBlock
	z.pos, z.taken, z.length = 0, 0, 0
}

// full says that the window has to be taken before more can be inflated, perhaps from what has been read already.
func (z *inflater) full() bool { return z.pos == len(z.window) }

// take returns what has been inflated; it is valid until the next call of inflate.
func (z *inflater) take() []byte {
	p := z.window[z.taken:z.pos]
	z.taken = z.pos
	return p
}

// inflate goes on with src until it is used up or the window is full, and returns what was not used. All output has
// to have been taken before.
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

// slide makes room in the window once less than a third of it is left.
func (z *inflater) slide() {
	if len(z.window)-z.pos >= windowSize/3 {
		return
	}
	copy(z.window, z.window[z.pos-historySize:z.pos])
	z.pos, z.taken = historySize, historySize
}

// refill takes bytes of src while whole ones fit.
func (z *inflater) refill(src []byte) []byte {
	for z.count <= 56 && len(src) > 0 {
		z.bits |= uint64(src[0]) << z.count
		z.count += 8
		src = src[1:]
	}
	return src
}

// use takes n bits, which must be there.
func (z *inflater) use(n uint) int {
	v := int(z.bits & (1<<n - 1))
	z.bits >>= n
	z.count -= n
	return v
}

// head reads a part of what stands before a block's data. It says false when that is not here yet.
func (z *inflater) head() (bool, error) {
	switch z.step {
	case atBlock:
		return z.block()
	case atStored:
		return z.storedLength()
	case atCounts:
		return z.counts()
	case atMetaLengths:
		return z.metaLengths()
	}
	return z.codeLengths()
}

// block reads a block's header (RFC 1951, section 3.2.3).
func (z *inflater) block() (bool, error) {
	if z.count < 3 {
		return false, nil
	}
	z.final = z.use(1) == 1
	switch z.use(2) {
	case 0:
		z.use(z.count & 7)
		z.step = atStored
	case 1:
		fixed := fixedCodes()
		z.lit, z.dist = &fixed[0], &fixed[1]
		z.step = inCodes
	case 2:
		z.step = atCounts
	default:
		return false, errBlockType
	}
	return true, nil
}

// ended goes on after a block. The last block of a stream is filled up to a whole byte; in a WebSocket message
// another stream may follow it, with the same window (RFC 7692, section 7.2.3.4).
func (z *inflater) ended() {
	z.step = atBlock
	if z.final {
		z.use(z.count & 7)
	}
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

// stored copies the bytes of a stored block, first those that were taken as bits.
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
		z.ended()
		return src, true
	}
	return src, len(src) > 0
}

// counts reads how many code lengths of each kind a dynamic block has (RFC 1951, section 3.2.7).
func (z *inflater) counts() (bool, error) {
	if z.count < 14 {
		return false, nil
	}
	z.literals = z.use(5) + 257
	distances := z.use(5) + 1
	z.want = z.literals + distances
	z.have = z.use(4) + 4
	if z.literals > maxLiterals || distances > maxDistances {
		return false, errCode
	}
	z.order, z.step = 0, atMetaLengths
	clear(z.lengths[:])
	return true, nil
}

// metaOrder is the order in which the lengths of the code lengths' code are written.
var metaOrder = [...]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func (z *inflater) metaLengths() (bool, error) {
	for ; z.order < z.have; z.order++ {
		if z.count < 3 {
			return false, nil
		}
		z.lengths[metaOrder[z.order]] = byte(z.use(3))
	}
	if !z.meta.build(z.lengths[:len(metaOrder)]) {
		return false, errCode
	}
	clear(z.lengths[:len(metaOrder)])
	z.have, z.step = 0, atLengths
	return true, nil
}

// codeLengths reads the lengths of the two codes: 0 to 15 is a length, 16 repeats the last one, 17 and 18 repeat zero.
func (z *inflater) codeLengths() (bool, error) {
	for z.have < z.want {
		symbol, n := z.meta.decode(z.bits)
		if n == 0 && z.count >= maxCode {
			return false, errCode
		}
		repeat, value, extra := 1, byte(symbol), uint(0)
		switch symbol {
		case 16:
			repeat, extra = 3, 2
			if z.have > 0 {
				value = z.lengths[z.have-1]
			}
		case 17:
			repeat, value, extra = 3, 0, 3
		case 18:
			repeat, value, extra = 11, 0, 7
		}
		if n == 0 || z.count < n+extra {
			return false, nil
		}
		z.use(n)
		repeat += z.use(extra)
		if repeat > z.want-z.have || symbol == 16 && z.have == 0 {
			return false, errCode
		}
		for ; repeat > 0; repeat-- {
			z.lengths[z.have] = value
			z.have++
		}
	}
	return true, z.ownCodes()
}

// ownCodes builds the codes of a dynamic block.
func (z *inflater) ownCodes() error {
	z.lit, z.dist = &z.own[0], &z.own[1]
	if !z.lit.build(z.lengths[:z.literals]) || !z.dist.build(z.lengths[z.literals:z.want]) {
		return errCode
	}
	z.step = inCodes
	return nil
}

// The lengths and distances that symbols stand for, and how many bits are added to them (RFC 1951, section 3.2.5).
var (
	lengthBase = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
		35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [...]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
		3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193,
		257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [...]byte{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6,
		7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// codes inflates literals and matches until the block ends, the window is full or src is used up. A match is
// decoded whole or not at all: its 48 bits at most always fit into z.bits.
func (z *inflater) codes(src []byte) ([]byte, bool, error) {
	for {
		src = z.refill(z.sprint(src))
		symbol, n := z.lit.decode(z.bits)
		switch {
		case n == 0 && z.count >= maxCode:
			return src, false, errCode
		case n == 0 || n > z.count:
			return src, false, nil
		case symbol < endOfBlock:
			z.use(n)
			z.window[z.pos] = byte(symbol)
			z.pos++
		case symbol == endOfBlock:
			z.use(n)
			z.ended()
			return src, true, nil
		default:
			if ok, err := z.pair(int(symbol)-endOfBlock-1, n); !ok || err != nil {
				return src, false, err
			}
			z.match()
		}
		if z.full() {
			return src, true, nil
		}
	}
}

// sprint inflates what is frequent, as long as there is so much source and room that neither has to be watched:
// literals and matches whose codes are short. It stops before everything else, which is left to codes.
func (z *inflater) sprint(src []byte) []byte {
	bits, count, pos, window := z.bits, z.count, z.pos, z.window
	for len(src) >= 8 && len(window)-pos > maxMatch {
		// The bits over count are those of bytes not taken yet; they are set again, to the same, when those are.
		bits |= binary.LittleEndian.Uint64(src) << (count & 63)
		taken := (63 - count) >> 3
		count += taken * 8
		src = src[taken:]

		e := uint(z.lit.fast[bits%fastSize])
		if symbol := e >> 4; symbol < endOfBlock && e != 0 {
			window[pos] = byte(symbol)
			pos++
			bits >>= e & 15
			count -= e & 15
			continue
		}
		length := int(e>>4) - endOfBlock - 1
		if e == 0 || length < 0 || length >= len(lengthBase) {
			break
		}
		next, used := bits>>(e&15), e&15
		extra := uint(lengthExtra[length]) & 15
		length = int(lengthBase[length]) + int(next&(1<<extra-1))
		next, used = next>>extra, used+extra

		e = uint(z.dist.fast[next%fastSize])
		if e == 0 || int(e>>4) >= len(distanceBase) {
			break
		}
		next, used = next>>(e&15), used+(e&15)
		extra = uint(distanceExtra[e>>4]) & 15
		distance := int(distanceBase[e>>4]) + int(next&(1<<extra-1))
		if distance > pos {
			break
		}
		bits, count = next>>extra, count-used-extra
		pos = copyMatch(window, pos, length, distance)
	}
	z.bits, z.count, z.pos = bits, count, pos
	return src
}

// pair reads a match whose length symbol has n bits: it sets length and distance, or says false when bits are missing.
func (z *inflater) pair(symbol int, n uint) (bool, error) {
	if symbol >= len(lengthBase) {
		return false, errCode
	}
	bits, have := z.bits>>n, z.count-n
	extra := uint(lengthExtra[symbol])
	if extra > have {
		return false, nil
	}
	length := int(lengthBase[symbol]) + int(bits&(1<<extra-1))
	bits, have = bits>>extra, have-extra

	symbol2, n2 := z.dist.decode(bits)
	if n2 == 0 && have >= maxCode {
		return false, errCode
	}
	if n2 == 0 || n2 > have {
		return false, nil
	}
	if int(symbol2) >= len(distanceBase) {
		return false, errCode
	}
	bits, have = bits>>n2, have-n2
	extra = uint(distanceExtra[symbol2])
	if extra > have {
		return false, nil
	}
	distance := int(distanceBase[symbol2]) + int(bits&(1<<extra-1))
	if distance > z.pos {
		return false, errDistance
	}
	z.bits, z.count = bits>>extra, have-extra
	z.length, z.distance = length, distance
	return true, nil
}

// match copies the match, as far as there is room.
func (z *inflater) match() {
	n := min(z.length, len(z.window)-z.pos)
	z.pos = copyMatch(z.window, z.pos, n, z.distance)
	z.length -= n
}

// copyMatch copies n bytes from so far back to pos, and returns their end. Where they overlap, each round copies what
// the last one made.
func copyMatch(window []byte, pos, n, distance int) int {
	from, end := pos-distance, pos+n
	for pos < end {
		pos += copy(window[pos:end], window[from:pos])
	}
	return end
}

// errInflate is the error as the peer is to hear it.
func errInflate(err error) error {
	return &ProtocolError{CodeInvalidData, "a message that does not inflate: " + err.Error()}
}

// endMessage checks that the message ended where RFC 7692 wants it (section 7.2.2): behind the header of an empty
// stored block, whose length 00 00 ff ff is not sent.
func (z *inflater) endMessage() error {
	if z.step != atStored || z.count != 0 {
		return errCut
	}
	z.ended()
	return nil
}
