// Package wire reads and writes the frames of RFC 6455, compressed as RFC 7692 says, on any byte stream.
package wire

import "io"

// Opcode names what a frame is (RFC 6455, section 5.2).
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

// Piece is what Next returns: a whole control frame, or a message or a part of one, unmasked and inflated.
// Large messages come in several pieces, of a read each, so that nobody has to hold them whole.
type Piece struct {
	Opcode  Opcode // Text or Binary for every piece of a message, else Close, Ping or Pong
	First   bool   // the message begins here
	Last    bool   // the message ends here
	Payload []byte // valid until the next call of Next
}

// Options are the two sides' agreement. The zero value is a client without extensions and without limits.
type Options struct {
	Server     bool        // our role: a client masks what it sends, a server does not (RFC 6455, 5.3)
	Deflate    *Deflate    // permessage-deflate as agreed in the handshake; nil = not agreed
	MaxMessage int64       // bytes a received message may have, inflated; 0 = no bound; more is a ProtocolError 1009
	Idle       func()      // called by Next just before it reads the stream, that is, before it may wait
	Awake      func()      // called by Next when that read has returned
	Trace      func(Trace) // each frame, sent or received, as it is on the wire; nil costs nothing
}

// Conn is the one owner of the frames of a connection, in both directions.
// One goroutine calls Next; any number may write.
type Conn struct{}

// NewConn speaks WebSocket on a stream whose opening handshake is done.
func NewConn(stream io.ReadWriteCloser, o Options) *Conn { panic("wire") }
