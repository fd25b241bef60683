package servertest

import (
	"encoding/binary"
	"io"
)

// The bits of a frame's first two bytes, and the opcodes (RFC 6455, section 5.2).
const (
	finBit  = 0x80
	rsv1Bit = 0x40
	rsv2Bit = 0x20
	rsv3Bit = 0x10
	rsvBits = rsv1Bit | rsv2Bit | rsv3Bit
	maskBit = 0x80

	opcodeMask     = 0x0F
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// frame is a frame of the client, unmasked.
type frame struct {
	first   byte // FIN, RSV and opcode
	payload []byte
}

func (f frame) opcode() byte { return f.first & opcodeMask }

// header is the header of a frame.
type header struct {
	first   byte // FIN, RSV and opcode
	masked  bool
	form    byte    // the 7-bit length: the length itself, 126 if 16 bits follow, 127 if 64 bits follow
	minimal bool    // the length is written in as few bytes as possible
	length  uint64  // of the payload, in bytes
	key     [4]byte // the masking key; zero if masked is false
}

func (h header) opcode() byte { return h.first & opcodeMask }
func (h header) fin() bool    { return h.first&finBit != 0 }

// readHeader reads a header, valid or not.
func readHeader(in io.Reader) (header, error) {
	var b [8]byte
	if _, err := io.ReadFull(in, b[:2]); err != nil {
		return header{}, err
	}
	h := header{first: b[0], masked: b[1]&maskBit != 0, form: b[1] &^ maskBit, length: uint64(b[1] &^ maskBit), minimal: true}
	switch h.length {
	case 126:
		if _, err := io.ReadFull(in, b[:2]); err != nil {
			return h, err
		}
		h.length = uint64(binary.BigEndian.Uint16(b[:]))
		h.minimal = h.length > 125
	case 127:
		if _, err := io.ReadFull(in, b[:8]); err != nil {
			return h, err
		}
		h.length = binary.BigEndian.Uint64(b[:])
		h.minimal = h.length > 0xFFFF
	}
	if !h.masked {
		return h, nil
	}
	_, err := io.ReadFull(in, h.key[:])
	return h, err
}

// readPayload reads and unmasks the payload.
func (h header) readPayload(in io.Reader) ([]byte, error) {
	payload := make([]byte, h.length)
	_, err := io.ReadFull(in, payload)
	h.unmask(payload, 0)
	return payload, err
}

// unmask unmasks a part of the payload that begins at an offset.
func (h header) unmask(part []byte, offset int) {
	for i := range part {
		part[i] ^= h.key[(offset+i)%4]
	}
}

// appendHeader appends a header, without the masking key.
func appendHeader(dst []byte, first, mask byte, length uint64) []byte {
	dst = append(dst, first)
	switch {
	case length < 126:
		return append(dst, mask|byte(length))
	case length <= 0xFFFF:
		return binary.BigEndian.AppendUint16(append(dst, mask|126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, mask|127), length)
	}
}

// opcodeName returns the name of an opcode in paths and in what /received prints.
func opcodeName(op byte) string {
	switch op {
	case opText:
		return "text"
	case opBinary:
		return "binary"
	case opClose:
		return "close"
	case opPing:
		return "ping"
	case opPong:
		return "pong"
	}
	return "opcode" + string("0123456789ABCDEF"[op&opcodeMask])
}
