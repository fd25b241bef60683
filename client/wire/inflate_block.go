package wire

// head reads the next part of a block's header. It reports whether all of it was there.
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

// endBlock expects another block next. The last block of a stream is padded to a whole byte; in a WebSocket message another
// stream may follow it, with the same window (RFC 7692, section 7.2.3.4).
func (z *inflater) endBlock() {
	z.step = atBlock
	if z.final {
		z.use(z.count & 7)
	}
}

// counts reads the numbers of code lengths of a dynamic block (RFC 1951, section 3.2.7).
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

// metaLengths reads the lengths of the code in which the code lengths are written: three bits each.
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
