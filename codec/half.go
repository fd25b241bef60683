package codec

import (
	"math"
	"sort"
)

// half is a floating-point number of IEEE 754 in 16 bits.
type half uint16

const (
	halfSign     half = 0x8000
	halfInfinity half = 0x7c00
)

// float returns the number (RFC 8949, appendix D).
func (h half) float() float64 {
	exponent, fraction := int(h>>10&31), float64(h&0x3ff)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		if f = math.Inf(1); fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(fraction+1024, exponent-25)
	}
	if h&halfSign != 0 {
		return -f
	}
	return f
}

// halfOf returns a finite number in 16 bits, and reports whether it fits.
func halfOf(f float64) (h half, fits bool) {
	absolute := math.Abs(f)
	h = half(sort.Search(int(halfInfinity), func(i int) bool { return half(i).float() >= absolute })) // the numbers ascend with their bits
	fits = h.float() == absolute
	if math.Signbit(f) {
		h |= halfSign
	}
	return h, fits
}
