package wire

import "strconv"

// Opcode is the type of a frame (RFC 6455, section 5.2).
type Opcode byte

// The opcodes of RFC 6455; all others are reserved and refused.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// control reports whether the opcode is that of a control frame (RFC 6455, section 5.5).
func (o Opcode) control() bool { return o&0x8 != 0 }

// String returns the opcode's name in lower case.
func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return "reserved " + strconv.Itoa(int(o))
}

// Fragment is what Next returns: a whole control frame, or a message or a part of one, unmasked and inflated. A large message
// is returned in several parts, so that it need not be held in memory.
type Fragment struct {
	Opcode  Opcode // Text or Binary for every fragment of a message, else Close, Ping or Pong
	First   bool   // the message begins here
	Last    bool   // the message ends here
	Payload []byte // valid until the next call of Next
}
