package client

import (
	"sync"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// conn is one connection of a session. With Options.Reconnect another one replaces it after a loss.
type conn struct {
	*wire.Conn
	dialed     *dial.Conn
	number     int   // of the session's connections, from 1
	before     int64 // messages written whole to earlier connections
	opened     time.Time
	closed     chan struct{}  // closed when the connection is
	goroutines sync.WaitGroup // goroutines that end when it is closed
	progress   progressStream
	probes     probes

	mu    sync.Mutex // guards the fields below
	cause error      // why cut closed it; nil = cut was not called
}

// acceptedReadBlock is how many bytes are read at once from each of the clients that connected here, of which there may be many.
const acceptedReadBlock = 64 << 10

// newConn returns a connection that reads and writes frames on a stream.
func (r *receiver) newConn(dialed *dial.Conn) *conn {
	c := &conn{dialed: dialed, opened: time.Now(), closed: make(chan struct{})}
	stream := dialed.Stream
	if r.options.PingTimeout > 0 {
		c.progress.ReadWriteCloser, c.progress.clock = dialed.Stream, r.activity.clock
		stream = &c.progress
	}
	readBlock := 0 // the default
	if dialed.Handshake.Accepted {
		readBlock = acceptedReadBlock
	}
	c.Conn = wire.NewConn(stream, wire.Options{
		ReadBlock:  readBlock,
		Server:     dialed.Handshake.Accepted,
		Deflate:    dialed.Deflate,
		MaxMessage: r.options.MaxMessage,
		BeforeRead: r.beforeRead,
		AfterRead:  r.afterRead,
		Trace:      r.tracer(),
	})
	return c
}

// writeMessage writes a message in frames of a size, the last one shorter, or in one frame if size is 0.
func (c *conn) writeMessage(t Type, data []byte, size int) error {
	if size <= 0 || len(data) <= size {
		return c.WriteMessage(t, data)
	}
	for first := true; ; first = false {
		fragment := data[:min(size, len(data))]
		data = data[len(fragment):]
		if err := c.WriteFragment(t, fragment, first, len(data) == 0); err != nil || len(data) == 0 {
			return err
		}
	}
}

// writtenSoFar returns how many messages of the session were written whole.
func (c *conn) writtenSoFar() int64 { return c.before + int64(c.Written()) }

// peerName returns how errors name the other side.
func (c *conn) peerName() string {
	if c.accepted() {
		return "the client at " + c.dialed.Handshake.Remote
	}
	return c.dialed.Handshake.URL
}

// accepted reports whether the other side is a client.
func (c *conn) accepted() bool { return c.dialed.Handshake.Accepted }

// cut closes the stream, and records err as the cause.
func (c *conn) cut(err error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = err
	}
	c.mu.Unlock()
	c.Close()
}

// cutBecause returns the cause recorded by cut, or err if cut was not called.
func (c *conn) cutBecause(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return c.cause
	}
	return err
}

// closeAndWait closes the stream, and waits for all goroutines that use it.
func (c *conn) closeAndWait() {
	c.Close()
	close(c.closed)
	c.goroutines.Wait()
}
