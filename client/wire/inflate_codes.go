package wire

import "encoding/binary"

// The lengths and distances that symbols stand for, and how many extra bits follow them (RFC 1951, section 3.2.5).
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
		src = z.refill(z.fastCodes(src))
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
			z.endBlock()
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

// fastCodes is the fast path of codes: it inflates literals and matches with short codes while there is enough source and room
// in the window that neither must be checked.
func (z *inflater) fastCodes(src []byte) []byte {
	bits, count, pos, window := z.bits, z.count, z.pos, z.window
	for len(src) >= 8 && len(window)-pos > maxMatch {
		// The bits above count belong to bytes that were not read yet; they are set again, to the same values, when these are read.
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

// pair reads a match whose length symbol has n bits: it sets length and distance, and reports whether all bits were there.
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

// match copies the match, as far as the window has room.
func (z *inflater) match() {
	n := min(z.length, len(z.window)-z.pos)
	z.pos = copyMatch(z.window, z.pos, n, z.distance)
	z.length -= n
}

// copyMatch copies n bytes from pos-distance to pos, and returns their end. If source and target overlap, each iteration copies
// what the last one wrote.
func copyMatch(window []byte, pos, n, distance int) int {
	from, end := pos-distance, pos+n
	for pos < end {
		pos += copy(window[pos:end], window[from:pos])
	}
	return end
}
