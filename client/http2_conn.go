package client

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
	c.conn.SetWriteDeadline(time.Now().Add(linger))
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

// take acts upon a frame. Its errors end the connection.
func (c *http2Conn) take(frame http2.Frame) error {
	switch f := frame.(type) {
	case *http2.DataFrame:
		return c.takeData(f)
	case *http2.MetaHeadersFrame:
		return c.takeHeaders(f)
	case *http2.RSTStreamFrame:
		return c.takeReset(f)
	case *http2.WindowUpdateFrame:
		return c.takeWindow(f)
	case *http2.SettingsFrame:
		return c.takeSettings(f)
	case *http2.GoAwayFrame:
		c.takeGoAway(f)
	case *http2.PingFrame:
		if !f.IsAck() {
			data := f.Data
			return c.out.post(func(framer *http2.Framer) error { return framer.WritePing(true, data) })
		}
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol) // we have said that there shall be none
	}
	return nil
}

// takeSettings obeys what the server wants.
func (c *http2Conn) takeSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := f.ForeachSetting(c.set); err != nil {
		return err
	}
	if !c.known && c.err == nil {
		c.known = true
		close(c.settled)
	}
	return c.out.post((*http2.Framer).WriteSettingsAck)
}

func (c *http2Conn) set(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err
	}
	switch s.ID {
	case http2.SettingEnableConnectProtocol:
		c.peer.extended = s.Val == 1
	case http2.SettingMaxConcurrentStreams:
		c.peer.streams = s.Val
	case http2.SettingMaxFrameSize:
		c.peer.frame = int(s.Val)
	case http2.SettingHeaderTableSize:
		c.out.resize(s.Val)
	case http2.SettingInitialWindowSize:
		more := int64(s.Val) - c.peer.window
		c.peer.window = int64(s.Val)
		for _, stream := range c.streams { // RFC 9113, 6.9.2
			stream.widen(more)
		}
	}
	return nil
}

// takeWindow lets us send more (RFC 9113, 6.9).
func (c *http2Conn) takeWindow(f *http2.WindowUpdateFrame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.StreamID != 0 {
		if s := c.streams[f.StreamID]; s != nil {
			s.widen(int64(f.Increment))
		}
		return nil
	}
	if c.window += int64(f.Increment); c.window > math.MaxInt32 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	for _, s := range c.streams {
		s.changed.Broadcast()
	}
	return nil
}

// takeData gives a stream what it was sent, and the connection's window back at once: the stream has its own.
func (c *http2Conn) takeData(f *http2.DataFrame) error {
	size := int(f.Length)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unseen += size; c.unseen >= http2Shared/2 {
		seen := uint32(c.unseen)
		c.unseen = 0
		if err := c.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(0, seen) }); err != nil {
			return err
		}
	}
	if f.StreamID >= c.next {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s := c.streams[f.StreamID]; s != nil {
		return s.receive(f.Data(), size, f.StreamEnded())
	}
	return nil // it came after we had left
}

// takeHeaders gives a stream its response, or its end.
func (c *http2Conn) takeHeaders(f *http2.MetaHeadersFrame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.StreamID >= c.next {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s := c.streams[f.StreamID]; s != nil {
		return s.respond(f)
	}
	return nil
}

// takeReset ends a stream (RFC 9113, 6.4).
func (c *http2Conn) takeReset(f *http2.RSTStreamFrame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.streams[f.StreamID]; s != nil {
		reset := &broken{fmt.Sprintf("the server reset the stream: %v", f.ErrCode), nil}
		s.finish(reset, reset)
	}
	return nil
}

// refuse resets a stream on which the server sent what it may not.
func (c *http2Conn) refuse(wrong http2.StreamError) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.streams[wrong.StreamID]; s != nil {
		err := &broken{fmt.Sprintf("the server does not keep to HTTP/2: %v", wrong.Cause), wrong}
		s.finish(err, err)
	}
	return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(wrong.StreamID, wrong.Code) })
}

// goneAway is a server that wants no more streams on a connection (RFC 9113, 6.8).
type goneAway struct {
	code http2.ErrCode
	why  string // as sent
}

func (g *goneAway) Error() string {
	if g.why == "" {
		return fmt.Sprintf("the server sent us away: %v", g.code)
	}
	return fmt.Sprintf("the server sent us away: %v: %q", g.code, g.why)
}

// takeGoAway ends the streams that the server has not looked at. The others go on.
func (c *http2Conn) takeGoAway(f *http2.GoAwayFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	why := f.DebugData()
	c.goAway = &goneAway{f.ErrCode, string(why[:min(len(why), http2Reason)])}
	for id, s := range c.streams {
		if id > f.LastStreamID {
			s.finish(c.goAway, c.goAway)
		}
	}
}
