package recording

import (
	"encoding/binary"
	"time"
)

// opcode is the opcode of a frame (RFC 6455, section 5.2).
type opcode byte

const (
	opText   opcode = 0x1
	opBinary opcode = 0x2
	opClose  opcode = 0x8
	opPing   opcode = 0x9
	opPong   opcode = 0xa
)

// maxControl is the maximum payload of a control frame (RFC 6455, section 5.5), in bytes.
const maxControl = 125

// sendFrame sends a message or control frame as one frame. A client's frame is masked in place: the payload is overwritten.
func (c *connection) sendFrame(t time.Time, from side, op opcode, payload []byte) {
	const fin, masked = 0x80, 0x80
	header := []byte{fin | byte(op)}
	var maskBit byte
	if from == client {
		maskBit = masked
	}
	switch n := len(payload); {
	case n < 126:
		header = append(header, maskBit|byte(n))
	case n < 1<<16:
		header = binary.BigEndian.AppendUint16(append(header, maskBit|126), uint16(n))
	default:
		header = binary.BigEndian.AppendUint64(append(header, maskBit|127), uint64(n))
	}
	if from == client {
		var key [4]byte
		c.frames++
		binary.BigEndian.PutUint32(key[:], c.frames*0x9e3779b1) // the factor is odd, so that no two frames have the same key
		header = append(header, key[:]...)
		for i := range payload { // RFC 6455, section 5.3
			payload[i] ^= key[i&3]
		}
	}
	c.send(t, from, header, payload)
}

// noCode is the code of an event for a Close frame without a code (RFC 6455, section 7.1.5).
const noCode = 1005

// closePayload returns the payload of a Close frame.
func closePayload(e *Event) []byte {
	if e.code() == noCode {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(e.code())), e.Reason...)
}

// opcodeOf returns the opcode of the frame of an event, 0 if it has none.
func opcodeOf(e *Event) opcode {
	switch e.Event {
	case "message":
		if e.Type == "binary" {
			return opBinary
		}
		return opText
	case "ping":
		return opPing
	case "pong":
		return opPong
	case "close":
		return opClose
	}
	return 0
}
