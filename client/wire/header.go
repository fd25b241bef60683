package wire

import "encoding/binary"

// maxHeader is the longest header: two bytes, a 64-bit length and a mask key.
const maxHeader = 2 + 8 + 4

// The longest payload of a control frame, and the longest close reason in it (RFC 6455, section 5.5), in bytes.
const (
	MaxControl = 125
	MaxReason  = MaxControl - 2
)

// The bits of a header's first two bytes.
const (
	bitFin     = 0x80
	bitRsv1    = 0x40
	bitsRsv    = 0x70
	bitsOpcode = 0x0f
	bitMask    = 0x80
	bitsLength = 0x7f

	length16 = 126 // the length follows in 16 bits
	length64 = 127 // the length follows in 64 bits
)

// header is the header of a frame (RFC 6455, section 5.2):
//
//	FIN RSV1-3 opcode | MASK length-7 | length 16 or 64, if longer than 125 | mask key, if masked
type header struct {
	fin    bool
	rsv    byte // RSV1 is 4, RSV2 is 2, RSV3 is 1
	opcode Opcode
	masked bool
	mask   uint32 // the key, its first byte lowest
	length int64  // of the payload
}

// parseHeader parses the header that b begins with, and returns its length in bytes; 0 = b ends inside the header, and h is
// incomplete. It returns an error for lengths that RFC 6455 forbids: those with more bytes than needed, and those over 63 bits.
func parseHeader(b []byte) (h header, n int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h.fin = b[0]&bitFin != 0
	h.rsv = b[0] & bitsRsv >> 4
	h.opcode = Opcode(b[0] & bitsOpcode)
	h.masked = b[1]&bitMask != 0
	h.length = int64(b[1] & bitsLength)
	n = 2
	length, least := h.length, int64(0)
	switch h.length {
	case length16:
		if n += 2; len(b) < n {
			return h, 0, nil
		}
		length, least = int64(binary.BigEndian.Uint16(b[2:])), length16
	case length64:
		if n += 8; len(b) < n {
			return h, 0, nil
		}
		length, least = int64(binary.BigEndian.Uint64(b[2:])), 1<<16
	}
	switch {
	case length < 0:
		return h, 0, errHugeLength
	case length < least:
		return h, 0, errLongLength
	}
	h.length = length
	if h.masked {
		n += 4
		if len(b) < n {
			return h, 0, nil
		}
		h.mask = binary.LittleEndian.Uint32(b[n-4:])
	}
	return h, n, nil
}

// appendHeader appends h to b, its length in as few bytes as possible.
func appendHeader(b []byte, h header) []byte {
	first := byte(h.opcode) | h.rsv<<4
	if h.fin {
		first |= bitFin
	}
	var masked byte
	if h.masked {
		masked = bitMask
	}
	switch {
	case h.length < length16:
		b = append(b, first, masked|byte(h.length))
	case h.length < 1<<16:
		b = append(b, first, masked|length16, byte(h.length>>8), byte(h.length))
	default:
		b = append(b, first, masked|length64)
		b = binary.BigEndian.AppendUint64(b, uint64(h.length))
	}
	if h.masked {
		b = binary.LittleEndian.AppendUint32(b, h.mask)
	}
	return b
}
