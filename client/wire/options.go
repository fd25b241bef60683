package wire

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
