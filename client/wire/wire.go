// Package wire reads and writes the frames of RFC 6455, compressed by RFC 7692, on any byte stream.
//
// Messages are inflated here and not by a library, because an inflater that reads from an io.Reader cannot stop between two fragments,
// where a Ping must be answered before the next byte arrives; and short messages are inflated faster (BenchmarkInflate).
package wire

import (
	"io"
	"sync"
)

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
