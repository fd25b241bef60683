package dial

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	http2Window = 4 << 20  // how much a server may send on a stream before it is read, bytes
	http2Shared = 1 << 30  // and on all streams before we have seen it: what each stream may hold is bound enough
	http2Frame  = 64 << 10 // how long a received frame may be, bytes
	http2Table  = 4 << 10  // how much of the fields sent before both sides remember (RFC 7541, 4.2), bytes
	http2Reason = 256      // how much of the reason for a GOAWAY is kept, bytes
)

var errHTTP2Full error = &broken{"the server allows no more streams on this connection", nil}

// http2Conn is a connection of HTTP/2 (RFC 9113) that carries WebSockets (RFC 8441), one or many. One goroutine reads and
// never waits for anything else; another writes.
type http2Conn struct {
	conn    net.Conn
	in      *bufio.Reader
	framer  *http2.Framer // reads
	out     http2Out
	running sync.WaitGroup
	settled chan struct{} // closed when the server's settings are known, or never will be

	mu      sync.Mutex // guards what follows; out.mu may be locked inside it
	streams map[uint32]*http2Stream
	next    uint32 // identifier of the next stream
	known   bool   // the server's settings have come
	peer    http2Settings
	window  int64 // how much we may send on all streams, bytes
	unseen  int   // received, and not given back to the server's window, bytes
	goAway  error // the server wants no more streams
	err     error // nothing works any more
}

// http2Settings are those of a server that concern us (RFC 9113, 6.5.2; RFC 8441, 3).
type http2Settings struct {
	window   int64  // how much we may send on a new stream, bytes
	frame    int    // how long a frame may be, bytes
	streams  uint32 // how many may be open
	extended bool   // an extended CONNECT may be sent
}

// newHTTP2Conn speaks HTTP/2 on a connection, which is its own from now on.
func newHTTP2Conn(conn net.Conn) *http2Conn {
	c := &http2Conn{
		conn:    conn,
		in:      bufio.NewReaderSize(conn, http2Frame),
		settled: make(chan struct{}),
		streams: map[uint32]*http2Stream{},
		next:    1,
		peer:    http2Settings{window: math.MaxUint16, frame: 16 << 10, streams: math.MaxUint32},
		window:  math.MaxUint16,
	}
	c.framer = http2.NewFramer(nil, c.in)
	c.framer.SetReuseFrames()
	c.framer.SetMaxReadFrameSize(http2Frame)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(http2Table, nil)
	c.framer.MaxHeaderListSize = maxResponseHeader
	c.out.start(conn)
	c.out.post(c.greet)
	c.running.Go(c.read) // both are ended by Close
	c.running.Go(c.out.run)
	return c
}

// greet is the connection preface (RFC 9113, 3.4).
func (c *http2Conn) greet(framer *http2.Framer) error {
	io.WriteString((*http2Pen)(&c.out), http2.ClientPreface)
	framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: http2Window},
		http2.Setting{ID: http2.SettingMaxFrameSize, Val: http2Frame},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: maxResponseHeader},
	)
	return framer.WriteWindowUpdate(0, http2Shared-math.MaxUint16)
}

// Close ends all streams and the connection. What is pending is sent if the server takes it soon.
func (c *http2Conn) Close() error {
	c.fail(net.ErrClosed)
	c.conn.SetWriteDeadline(time.Now().Add(lastWrite))
	c.out.finish(func(framer *http2.Framer) error { return framer.WriteGoAway(0, http2.ErrCodeNo, nil) })
	<-c.out.ended
	err := c.conn.Close()
	c.running.Wait()
	return err
}

// open asks for a stream with the fields of a request.
func (c *http2Conn) open(fields []hpack.HeaderField) (*http2Stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return nil, c.err
	case c.goAway != nil:
		return nil, c.goAway
	case uint32(len(c.streams)) >= c.peer.streams, c.next > math.MaxInt32:
		return nil, errHTTP2Full
	}
	s := newHTTP2Stream(c, c.next)
	if err := c.out.postHeaders(s.id, fields, c.peer.frame); err != nil { // under mu: identifiers ascend on the wire
		return nil, err
	}
	c.streams[s.id] = s
	c.next += 2
	return s, nil
}

// fail ends all streams for the same reason.
func (c *http2Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	for _, s := range c.streams {
		s.finish(err, err)
	}
	if !c.known {
		close(c.settled)
	}
}

// read takes frames until nothing more can come.
func (c *http2Conn) read() {
	err := c.readFrames()
	var code http2.ConnectionError
	if errors.As(err, &code) {
		c.out.finish(func(framer *http2.Framer) error { return framer.WriteGoAway(0, http2.ErrCode(code), nil) })
	}
	c.fail(c.ended(err))
	if code == 0 {
		c.out.stop(net.ErrClosed)
	}
}

// ended is why nothing more comes, in our words.
func (c *http2Conn) ended(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var code http2.ConnectionError
	var said *goneAway
	switch {
	case errors.As(err, &code):
		return &broken{fmt.Sprintf("the server does not keep to HTTP/2: %v", http2.ErrCode(code)), err}
	case errors.Is(err, http2.ErrFrameTooLarge):
		return &broken{"the server does not keep to HTTP/2: a frame is too long", err}
	case errors.As(c.goAway, &said) && said.code != http2.ErrCodeNo:
		return said
	}
	return err
}

func (c *http2Conn) readFrames() error {
	if err := c.expectSettings(); err != nil {
		return err
	}
	for {
		frame, err := c.framer.ReadFrame()
		var wrong http2.StreamError
		if errors.As(err, &wrong) {
			err = c.refuse(wrong)
		} else if err == nil {
			err = c.take(frame)
		}
		if err != nil {
			return err
		}
	}
}

// expectSettings looks whether the server begins as HTTP/2 does, with its settings (RFC 9113, 3.4).
func (c *http2Conn) expectSettings() error {
	const length, size = 3, 9 // of the header of a frame (RFC 9113, 4.1)
	start, err := c.in.Peek(length + 1)
	if len(start) > length && start[length] == byte(http2.FrameSettings) {
		start, err = c.in.Peek(size)
		if err == nil && bytes.HasSuffix(start, make([]byte, 4)) {
			return nil
		}
	}
	if len(start) == 0 {
		return err
	}
	start, _ = c.in.Peek(min(c.in.Buffered(), 64))
	return &notHTTP{bytes.Clone(start)}
}

// lastWrite bounds how long Close waits for the peer to take what is pending.
const lastWrite = 250 * time.Millisecond
