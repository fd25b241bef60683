package wire

import "time"

// headSize is how much of a payload a Trace shows.
const headSize = 32

// Trace is one frame as it is on the wire.
type Trace struct {
	Out        bool      // sent, not received
	Time       time.Time // when it was appended to what is to be written, or when it had been processed
	Fin        bool
	Rsv        byte // RSV1 is 4, RSV2 is 2, RSV3 is 1
	Opcode     Opcode
	Length     int64 // of the payload, on the wire
	Masked     bool
	Mask       [4]byte
	Head       []byte // the payload's first bytes, at most 32, unmasked but still compressed; valid during the call
	Compressed bool   // it is part of a compressed message
	Inflated   int64  // bytes of the message that came out of it, or went into it; Length when not compressed
}

// newTrace is the part of a Trace that the header gives.
func newTrace(h header, out bool) Trace {
	return Trace{
		Out: out, Time: time.Now(), Fin: h.fin, Rsv: h.rsv, Opcode: h.opcode, Length: h.length, Masked: h.masked,
		Mask:     [4]byte{byte(h.mask), byte(h.mask >> 8), byte(h.mask >> 16), byte(h.mask >> 24)},
		Inflated: h.length,
	}
}
