package recording

import (
	"encoding/binary"
	"time"
)

// opcode is what a frame is (RFC 6455, section 5.2).
type opcode byte

const (
	opText   opcode = 0x1
	opBinary opcode = 0x2
	opClose  opcode = 0x8
	opPing   opcode = 0x9
	opPong   opcode = 0xa
)

// maxControl is how much a control frame may carry (RFC 6455, section 5.5), in bytes.
const maxControl = 125

// sendFrame sends a frame that holds a whole message, masked if it is the client's, for which the payload is used up.
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
		binary.BigEndian.PutUint32(key[:], c.frames*0x9e3779b1) // odd: no two frames have the same
		header = append(header, key[:]...)
		payload = mask(payload, key)
	}
	c.send(t, from, header, payload)
}

// mask masks a payload in place (RFC 6455, section 5.3).
func mask(payload []byte, key [4]byte) []byte {
	for i := range payload {
		payload[i] ^= key[i&3]
	}
	return payload
}

// noCode stands for a Close frame without a code (RFC 6455, section 7.1.5).
const noCode = 1005

// closePayload is what a Close frame carries.
func closePayload(e *event) []byte {
	if e.Code == noCode {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(e.Code)), e.Reason...)
}
