// Package wire reads and writes the frames of RFC 6455, compressed by RFC 7692, on any byte stream.
//
// Messages are inflated here and not by a library, because an inflater that reads from an io.Reader cannot stop between two fragments,
// where a Ping must be answered before the next byte arrives; and short messages are inflated faster (BenchmarkInflate).
package wire

import (
	"io"
	"strconv"
	"sync"
)

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

// Options are the role of a Conn, the negotiated extension, limits and callbacks. The zero value is a client without extensions
// and limits.
type Options struct {
	Server     bool     // our role: a client masks what it sends, a server does not (RFC 6455, 5.3)
	Deflate    *Deflate // permessage-deflate as agreed in the handshake; nil = not agreed
	MaxMessage int64    // largest received message in bytes, inflated; a larger one is a ProtocolError with code 1009; 0 = no limit
	BeforeRead func()   // called by Next just before it reads from the stream and may block
	AfterRead  func()   // called by Next after that read
	ReadBlock  int      // bytes read from the stream at once, at least 256; 0 = 256 KiB
	WriteBlock int      // bytes written to the stream at once, at least 256; there are two such blocks; 0 = 128 KiB

	// Trace is called for each frame as it is on the wire, received frames by the caller of Next, sent frames by writers or by a
	// goroutine of the Conn, one at a time and in order. It must not call the Conn. nil = no trace, at no cost.
	Trace func(Trace)
}

// Conn reads and writes the frames of a connection.
// One goroutine calls Next; any number may write. Next never waits for a write, nor a write for Next.
type Conn struct {
	stream io.Closer
	in     reader
	out    writer
	once   sync.Once
	closed error // the error of closing the stream
}

// NewConn returns a Conn on a stream whose opening handshake is done. The stream's Close must unblock a Read or Write in
// progress, as that of a net.Conn does.
func NewConn(stream io.ReadWriteCloser, o Options) *Conn {
	c := &Conn{stream: stream}
	c.in.start(stream, o)
	c.out.start(stream, o)
	return c
}

// Close closes the stream, and waits for the goroutine of the Conn and for writes in progress. It sends no Close frame, and
// buffered frames are lost. Next and all writes fail after it. Further calls return the result of the first one.
func (c *Conn) Close() error {
	c.once.Do(func() {
		c.closed = c.stream.Close()
		c.out.stop()
	})
	return c.closed
}
