package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"math"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	http2Window  = 1 << 20  // how much a client may send on a stream before it is read, bytes
	http2Shared  = 1 << 30  // and on all streams before we have seen it: what each stream may hold is bound enough
	http2Frame   = 64 << 10 // how long a received frame may be, bytes
	http2Table   = 4 << 10  // how much of the fields sent before both sides remember (RFC 7541, 4.2), bytes
	http2Fields  = 64 << 10 // how long the fields of a request may be, bytes
	http2Streams = 1000     // how many a connection may have
)

// http2Conn is a client's connection of HTTP/2 (RFC 9113). One goroutine reads and never waits for anything else,
// another writes, and each stream is served by one of its own.
type http2Conn struct {
	server  *Server
	conn    net.Conn
	tls     *tls.ConnectionState // nil without TLS
	framer  *http2.Framer        // reads
	out     http2Out
	serving sync.WaitGroup

	mu       sync.Mutex // guards what follows; out.mu may be locked inside it
	streams  map[uint32]*http2Stream
	newest   uint32 // identifier of the last stream opened
	initial  int64  // how much we may send on a new stream, bytes
	frame    int    // how long a frame that we send may be, bytes
	window   int64  // how much we may send on all streams, bytes
	unseen   int    // received, and not given back to the client's window, bytes
	retiring bool   // no further streams: the connection ends with the last
}

func newHTTP2Conn(s *Server, conn net.Conn, in *bufio.Reader) *http2Conn {
	c := &http2Conn{
		server:  s,
		conn:    conn,
		framer:  http2.NewFramer(nil, in),
		streams: map[uint32]*http2Stream{},
		initial: math.MaxUint16,
		frame:   16 << 10,
		window:  math.MaxUint16,
	}
	if secured, ok := conn.(*tls.Conn); ok {
		state := secured.ConnectionState()
		c.tls = &state
	}
	c.framer.SetReuseFrames()
	c.framer.SetMaxReadFrameSize(http2Frame)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(http2Table, nil)
	c.framer.MaxHeaderListSize = http2Fields
	c.out.start(conn)
	c.out.post(greet)
	return c
}

// greet tells the client what we want, and that it may send an extended CONNECT (RFC 8441, 3).
func greet(framer *http2.Framer) error {
	framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1},
		http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: http2Streams},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: http2Window},
		http2.Setting{ID: http2.SettingMaxFrameSize, Val: http2Frame},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: http2Fields},
	)
	return framer.WriteWindowUpdate(0, http2Shared-math.MaxUint16)
}

// serve returns when the connection has ended, and with it all its streams.
func (c *http2Conn) serve() {
	go c.out.run() // ended by what follows
	err := c.read()
	c.mu.Lock()
	for _, s := range c.streams {
		s.finish(err, err)
	}
	c.mu.Unlock()
	code := http2.ConnectionError(http2.ErrCodeNo)
	errors.As(err, &code)
	c.conn.SetWriteDeadline(time.Now().Add(lastWrite))
	c.out.finish(func(framer *http2.Framer) error { return framer.WriteGoAway(c.newest, http2.ErrCode(code), nil) })
	<-c.out.ended
	c.conn.Close()
	c.serving.Wait()
}

// retire lets no further streams in, and ends the connection after the last.
func (c *http2Conn) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retiring = true
	c.out.post(func(framer *http2.Framer) error { return framer.WriteGoAway(c.newest, http2.ErrCodeNo, nil) })
	c.endIfIdle()
}

// endIfIdle ends the reading, and so the connection, when there is nothing to wait for. Call it with mu locked.
func (c *http2Conn) endIfIdle() {
	if c.retiring && len(c.streams) == 0 {
		c.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// cut drops the connection.
func (c *http2Conn) cut() {
	c.conn.Close()
	c.out.stop(net.ErrClosed)
}

// read takes frames until nothing more can come. The first must be the client's settings.
func (c *http2Conn) read() error {
	first := true
	for {
		frame, err := c.framer.ReadFrame()
		var wrong http2.StreamError
		switch {
		case errors.As(err, &wrong):
			err = c.reset(wrong.StreamID, wrong.Code)
		case err == nil && first:
			if _, ok := frame.(*http2.SettingsFrame); !ok {
				return http2.ConnectionError(http2.ErrCodeProtocol)
			}
			first = false
			c.settle()
			err = c.take(frame)
		case err == nil:
			err = c.take(frame)
		}
		if err != nil {
			return err
		}
	}
}

// settle lets a client that has begun as it should take its time.
func (c *http2Conn) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn.SetReadDeadline(time.Time{})
	c.endIfIdle()
}

// reset ends a stream on which the client did what it may not.
func (c *http2Conn) reset(id uint32, code http2.ErrCode) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.streams[id]; s != nil {
		s.finish(errReset, errReset)
	}
	c.newest = max(c.newest, id)
	return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(id, code) })
}
