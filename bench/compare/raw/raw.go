// Package raw is a minimal implementation of RFC 6455 for the two programs of a measurement that must cost as little as possible: the
// peer and the limit. It assumes that the other side is correct.
package raw

import "encoding/binary"

// The opcodes and header bits of a measurement (RFC 6455, section 5.2).
const (
	Text   = 0x1
	Binary = 0x2
	Close  = 0x8

	Fin    = 0x80
	masked = 0x80
)

// MaxHeader is the maximum size of a frame header with its masking key, in bytes.
const MaxHeader = 14

// Header is the header of a frame.
type Header struct {
	Fin    bool
	Opcode byte
	Masked bool
	Length int    // of the payload, in bytes
	Key    uint32 // the masking key, little endian
}

// Parse parses a header and returns its length in bytes, 0 if p does not have all of it.
func Parse(p []byte) (h Header, size int) {
	if len(p) < 2 {
		return h, 0
	}
	h.Fin, h.Opcode, h.Length, size = p[0]&Fin != 0, p[0]&0xF, int(p[1]&0x7F), 2
	switch h.Length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	end := size
	if p[1]&masked != 0 {
		end += 4
	}
	if len(p) < end {
		return h, 0
	}
	switch size {
	case 4:
		h.Length = int(binary.BigEndian.Uint16(p[2:]))
	case 10:
		h.Length = int(binary.BigEndian.Uint64(p[2:]))
	}
	if end > size {
		h.Masked, h.Key = true, binary.LittleEndian.Uint32(p[size:])
	}
	return h, end
}

// AppendHeader appends the header of a frame that is not masked. first is the opcode, with Fin if it ends a message.
func AppendHeader(dst []byte, first byte, length int) []byte {
	return appendHeader(dst, first, length, 0)
}

// HeaderSize returns the length of the header of a frame that is not masked.
func HeaderSize(length int) int {
	switch {
	case length < 126:
		return 2
	case length < 1<<16:
		return 4
	default:
		return 10
	}
}

// AppendMasked appends the header of a frame that is masked with key.
func AppendMasked(dst []byte, first byte, length int, key uint32) []byte {
	return binary.LittleEndian.AppendUint32(appendHeader(dst, first, length, masked), key)
}

func appendHeader(dst []byte, first byte, length int, mask byte) []byte {
	switch {
	case length < 126:
		return append(dst, first, mask|byte(length))
	case length < 1<<16:
		return append(dst, first, mask|126, byte(length>>8), byte(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, mask|127), uint64(length))
	}
}

// Mask applies the key from its first byte on, in place. Parts of a payload whose length is a multiple of four bytes may be masked one
// after the other.
func Mask(p []byte, key uint32) {
	key64 := uint64(key)<<32 | uint64(key)
	for len(p) >= 32 {
		q := p[:32:32]
		binary.LittleEndian.PutUint64(q, binary.LittleEndian.Uint64(q)^key64)
		binary.LittleEndian.PutUint64(q[8:], binary.LittleEndian.Uint64(q[8:])^key64)
		binary.LittleEndian.PutUint64(q[16:], binary.LittleEndian.Uint64(q[16:])^key64)
		binary.LittleEndian.PutUint64(q[24:], binary.LittleEndian.Uint64(q[24:])^key64)
		p = p[32:]
	}
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^key64)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= byte(key64 >> (8 * i))
	}
}
