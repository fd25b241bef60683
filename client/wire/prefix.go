package wire

import (
	"math/bits"
	"sync"
)

const (
	maxCode     = 15  // bits of the longest code
	maxLiterals = 286 // codes for literals and lengths, of which there are more than for distances
	fastBits    = 10  // codes up to this length are looked up in one step
	fastSize    = 1 << fastBits
)

// prefixCode is a Huffman code, defined by the lengths of its codes (RFC 1951, section 3.2.2).
type prefixCode struct {
	fast    [fastSize]uint16    // by the next bits: symbol<<4 | length; 0 = longer than fastBits, or no code
	counts  [maxCode + 1]uint16 // codes of each length
	symbols [maxLiterals + 2]uint16
}

// build sets the code whose symbols have these lengths, and reports whether such a code exists.
func (c *prefixCode) build(lengths []byte) bool {
	clear(c.fast[:])
	clear(c.counts[:])
	for _, n := range lengths {
		c.counts[n]++
	}
	c.counts[0] = 0
	if !c.complete() {
		return false
	}
	var index, next [maxCode + 2]uint16 // of the first symbol of each length, and its code
	for n := 1; n <= maxCode; n++ {
		index[n+1] = index[n] + c.counts[n]
		next[n+1] = (next[n] + c.counts[n]) << 1
	}
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		c.symbols[index[n]] = uint16(symbol)
		index[n]++
		if n <= fastBits {
			c.setFast(uint16(symbol), next[n], n)
		}
		next[n]++
	}
	return true
}

// complete reports whether the lengths use every bit pattern exactly once. A code without symbols is allowed, and so is one
// symbol of one bit.
func (c *prefixCode) complete() bool {
	left, longest := 1, 0
	for n := 1; n <= maxCode; n++ {
		left = left<<1 - int(c.counts[n])
		if left < 0 {
			return false
		}
		if c.counts[n] > 0 {
			longest = n
		}
	}
	return left == 0 || longest <= 1
}

// setFast adds a symbol to the fast table, for all bits that begin with its code. Codes are packed starting with their
// highest bit.
func (c *prefixCode) setFast(symbol, code uint16, n byte) {
	first := int(bits.Reverse16(code) >> (16 - n))
	for i := first; i < len(c.fast); i += 1 << n {
		c.fast[i] = symbol<<4 | uint16(n)
	}
}

// decode returns the symbol that the next bits begin with and the length of its code; 0 = no code matches.
func (c *prefixCode) decode(next uint64) (symbol uint16, n uint) {
	e := c.fast[next%fastSize]
	if e != 0 {
		return e >> 4, uint(e & 15)
	}
	return c.decodeLong(next)
}

// decodeLong tries each length: the codes of one length are consecutive numbers.
func (c *prefixCode) decodeLong(next uint64) (symbol uint16, n uint) {
	code, first, index := 0, 0, 0
	for n := uint(1); n <= maxCode; n++ {
		code |= int(next & 1)
		next >>= 1
		count := int(c.counts[n])
		if code-first < count {
			return c.symbols[index+code-first], n
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, 0
}

// fixedCodes are the fixed Huffman codes (RFC 1951, section 3.2.6).
var fixedCodes = sync.OnceValue(func() *[2]prefixCode {
	var lengths [288]byte
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	var distances [32]byte
	for i := range distances {
		distances[i] = 5
	}
	codes := new([2]prefixCode)
	codes[0].build(lengths[:])
	codes[1].build(distances[:])
	return codes
})
