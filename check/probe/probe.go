// Package probe writes bytes that RFC 6455 forbids, and reads any answer. It is separate from client/wire, which enforces the
// rules in both directions, and shares no code with it.
package probe

import (
	"encoding/binary"
	"math/rand/v2"

	"wsx/client/wire"
)

// lengthForm is the form in which the length of a frame's payload is written (RFC 6455, section 5.2).
type lengthForm byte

// The forms of a length; Shortest is the only one that the RFC allows.
const (
	Shortest lengthForm = iota
	In16Bits
	In64Bits
)

// Frame is a frame to write, whose bits and lengths need not follow any rule.
type Frame struct {
	NotFinal  bool // FIN is not set
	RSV       byte // RSV1 is 4, RSV2 is 2, RSV3 is 1
	Opcode    wire.Opcode
	Unmasked  bool
	Mask      *[4]byte // nil = random
	Payload   []byte
	Form      lengthForm
	Claim     uint64 // the length that the header claims; 0 = that of Payload
	ChunkSize int    // bytes written at once; 0 = the whole frame together with the frames before and after it
}

// Text, Binary, Continuation, Ping, Pong and Close are frames that end their message.

// Text returns a text frame.
func Text(payload string) Frame { return Frame{Opcode: wire.Text, Payload: []byte(payload)} }

// Binary returns a binary frame.
func Binary(payload string) Frame { return Frame{Opcode: wire.Binary, Payload: []byte(payload)} }

// Continuation returns the last frame of a message in fragments.
func Continuation(payload string) Frame {
	return Frame{Opcode: wire.Continuation, Payload: []byte(payload)}
}

// Ping returns a ping.
func Ping(payload string) Frame { return Frame{Opcode: wire.Ping, Payload: []byte(payload)} }

// Pong returns an unsolicited pong.
func Pong(payload string) Frame { return Frame{Opcode: wire.Pong, Payload: []byte(payload)} }

// Close returns a Close frame with a code and a reason; with code 1005, an empty one.
func Close(code int, reason string) Frame {
	return Frame{Opcode: wire.Close, Payload: wire.ClosePayload(code, reason)}
}

// Begin returns f without FIN, as a fragment that others follow.
func (f Frame) Begin() Frame { f.NotFinal = true; return f }

// WithRSV returns f with reserved bits set.
func (f Frame) WithRSV(bits byte) Frame { f.RSV = bits; return f }

// WithMask returns f with a fixed masking key.
func (f Frame) WithMask(a, b, c, d byte) Frame { f.Mask = &[4]byte{a, b, c, d}; return f }

// WithoutMask returns f unmasked, as only a server may send it.
func (f Frame) WithoutMask() Frame { f.Unmasked = true; return f }

// In returns f with its length in another form.
func (f Frame) In(form lengthForm) Frame { f.Form = form; return f }

// Claiming returns f with another length in its header.
func (f Frame) Claiming(length uint64) Frame { f.Claim = length; return f }

// InChunks returns f to be written n bytes at a time.
func (f Frame) InChunks(n int) Frame { f.ChunkSize = n; return f }

// key returns the mask key to use.
func (f Frame) key() [4]byte {
	if f.Mask != nil {
		return *f.Mask
	}
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], rand.Uint32())
	return key
}

// appendTo appends the frame's bytes, masked with key.
func (f Frame) appendTo(dst []byte, key [4]byte) []byte {
	first := byte(f.Opcode)&0x0f | f.RSV<<4
	if !f.NotFinal {
		first |= 0x80
	}
	length := uint64(len(f.Payload))
	if f.Claim != 0 {
		length = f.Claim
	}
	var masked byte
	if !f.Unmasked {
		masked = 0x80
	}
	switch {
	case f.Form == In64Bits || length > 0xffff:
		dst = binary.BigEndian.AppendUint64(append(dst, first, masked|127), length)
	case f.Form == In16Bits || length > 125:
		dst = binary.BigEndian.AppendUint16(append(dst, first, masked|126), uint16(length))
	default:
		dst = append(dst, first, masked|byte(length))
	}
	if f.Unmasked {
		return append(dst, f.Payload...)
	}
	dst = append(dst, key[:]...)
	for i, b := range f.Payload {
		dst = append(dst, b^key[i&3])
	}
	return dst
}

// Received is a received frame, valid or not.
type Received struct {
	Fin     bool
	RSV     byte
	Opcode  wire.Opcode
	Masked  bool
	Minimal bool   // its length was written in as few bytes as possible
	Length  uint64 // as the header claims it
	Payload []byte // unmasked, at most maxPayload bytes
}

// maxPayload is the largest number of payload bytes of a received frame that are kept.
const maxPayload = 32 << 20

// parseHeader parses the header at the start of b. n is its size in bytes; 0 = it is incomplete.
func parseHeader(b []byte) (f Received, key [4]byte, n int) {
	if len(b) < 2 {
		return f, key, 0
	}
	f = Received{
		Fin: b[0]&0x80 != 0, RSV: b[0] >> 4 & 7, Opcode: wire.Opcode(b[0] & 0x0f),
		Masked: b[1]&0x80 != 0, Minimal: true, Length: uint64(b[1] & 0x7f),
	}
	n = 2
	switch f.Length {
	case 126:
		if n += 2; len(b) < n {
			return f, key, 0
		}
		f.Length = uint64(binary.BigEndian.Uint16(b[2:]))
		f.Minimal = f.Length > 125
	case 127:
		if n += 8; len(b) < n {
			return f, key, 0
		}
		f.Length = binary.BigEndian.Uint64(b[2:])
		f.Minimal = f.Length > 0xffff
	}
	if f.Masked {
		if n += 4; len(b) < n {
			return f, key, 0
		}
		copy(key[:], b[n-4:])
	}
	return f, key, n
}
