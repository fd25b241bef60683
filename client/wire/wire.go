// Package wire reads and writes the frames of RFC 6455, compressed by RFC 7692, on any byte stream.
package wire

import (
	"io"
	"sync"
)

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

// control reports whether a frame is about the connection, and carries no message (RFC 6455, section 5.5).
func (o Opcode) control() bool { return o&0x8 != 0 }

// String is the opcode's name in lower case.
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
	return "reserved"
}

// Fragment is what Next returns: a whole control frame, or a message or a part of one, unmasked and inflated.
// Large messages come in several fragments, of a read each, so that none has to be held whole.
type Fragment struct {
	Opcode  Opcode // Text or Binary for every fragment of a message, else Close, Ping or Pong
	First   bool   // the message begins here
	Last    bool   // the message ends here
	Payload []byte // valid until the next call of Next
}

// Options are the two sides' agreement. The zero value is a client without extensions and without limits.
type Options struct {
	Server     bool     // our role: a client masks what it sends, a server does not (RFC 6455, 5.3)
	Deflate    *Deflate // permessage-deflate as agreed in the handshake; nil = not agreed
	MaxMessage int64    // bytes a received message may have, inflated; 0 = no bound; more is a ProtocolError 1009
	BeforeRead func()   // called by Next just before it reads the stream, that is, before it may wait
	AfterRead  func()   // called by Next when that read has returned
	ReadBlock  int      // bytes asked of the stream at once, at least 256; 0 = 64 KiB
	WriteBlock int      // bytes handed to the stream at once, at least 256, of which there are two; 0 = 128 KiB

	// Trace is called for each frame as it is on the wire: those received by the caller of Next, those sent by writers or
	// by a goroutine of ours, one at a time and in their order. It must not call the Conn. Nil costs nothing.
	Trace func(Trace)
}

// Conn is the one owner of the frames of a connection, in both directions.
// One goroutine calls Next; any number may write. Next never waits for a write, nor a write for Next.
type Conn struct {
	stream io.Closer
	in     reader
	out    writer
	once   sync.Once
	closed error // the error of closing the stream
}

// NewConn speaks WebSocket on a stream whose opening handshake is done. The stream's Close must end a Read or
// Write that is under way, as that of a net.Conn does.
func NewConn(stream io.ReadWriteCloser, o Options) *Conn {
	c := &Conn{stream: stream}
	c.in.start(stream, o)
	c.out.start(stream, o)
	return c
}

// Close closes the stream, and then waits until no goroutine of ours and no write is left. It sends no Close
// frame. Next and all writers return soon; what was pending is lost. Further calls return what the first did.
func (c *Conn) Close() error {
	c.once.Do(func() {
		c.closed = c.stream.Close()
		c.out.stop()
	})
	return c.closed
}
