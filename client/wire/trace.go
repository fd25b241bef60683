package wire

import "time"

// headSize is how many bytes of a payload a Trace has at most.
const headSize = 32

// Trace is one frame as it is on the wire.
type Trace struct {
	Out        bool      // sent, not received
	Time       time.Time // when it was appended to the write buffer, or when its payload was read whole
	Fin        bool
	Rsv        byte // RSV1 is 4, RSV2 is 2, RSV3 is 1
	Opcode     Opcode
	Length     int64 // of the payload, on the wire
	Masked     bool
	Mask       [4]byte
	Head       []byte // the payload's first bytes, at most 32, unmasked but still compressed; valid during the call
	Compressed bool   // part of a compressed message
	Inflated   int64  // bytes of the message in it, uncompressed; Length if it is not compressed
}

// newTrace returns a Trace with the facts of the header.
func newTrace(h header, out bool) Trace {
	return Trace{
		Out: out, Time: time.Now(), Fin: h.fin, Rsv: h.rsv, Opcode: h.opcode, Length: h.length, Masked: h.masked,
		Mask:     [4]byte{byte(h.mask), byte(h.mask >> 8), byte(h.mask >> 16), byte(h.mask >> 24)},
		Inflated: h.length,
	}
}
