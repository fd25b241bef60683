package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
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

// take acts upon a frame. Its errors end the connection.
func (c *http2Conn) take(frame http2.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f := frame.(type) {
	case *http2.MetaHeadersFrame:
		return c.takeHeaders(f)
	case *http2.DataFrame:
		return c.takeData(f)
	case *http2.WindowUpdateFrame:
		return c.takeWindow(f)
	case *http2.SettingsFrame:
		return c.takeSettings(f)
	case *http2.RSTStreamFrame:
		if f.StreamID > c.newest {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		if s := c.streams[f.StreamID]; s != nil {
			s.finish(errReset, errReset)
		}
	case *http2.PingFrame:
		if data := f.Data; !f.IsAck() {
			return c.out.post(func(framer *http2.Framer) error { return framer.WritePing(true, data) })
		}
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return nil
}

// takeHeaders opens a stream, or ends one with its trailers.
func (c *http2Conn) takeHeaders(f *http2.MetaHeadersFrame) error {
	if s := c.streams[f.StreamID]; s != nil {
		if !f.StreamEnded() {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		s.finish(io.EOF, nil)
		return nil
	}
	if f.StreamID%2 == 0 || f.StreamID <= c.newest {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.newest = f.StreamID
	refuse := func(code http2.ErrCode) error {
		return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(f.StreamID, code) })
	}
	if c.retiring || len(c.streams) >= http2Streams {
		return refuse(http2.ErrCodeRefusedStream)
	}
	r := c.request(f)
	if r == nil {
		return refuse(http2.ErrCodeProtocol)
	}
	s := newHTTP2Stream(c, f.StreamID)
	if f.StreamEnded() {
		s.finish(io.EOF, nil)
	}
	c.streams[s.id] = s
	c.serving.Go(func() { s.serve(r, f.PseudoValue("protocol")) })
	return nil
}

// request is what the fields ask for, nil if they are not a request (RFC 9113, 8.3.1).
func (c *http2Conn) request(f *http2.MetaHeadersFrame) *http.Request {
	path := f.PseudoValue("path")
	u, err := url.ParseRequestURI(path)
	if err != nil || !strings.HasPrefix(path, "/") || f.PseudoValue("method") == "" || f.Truncated {
		return nil
	}
	r := &http.Request{
		Method: f.PseudoValue("method"), URL: u, RequestURI: path,
		Proto: "HTTP/2.0", ProtoMajor: 2,
		Header: http.Header{}, Body: http.NoBody,
		Host: f.PseudoValue("authority"), RemoteAddr: c.conn.RemoteAddr().String(), TLS: c.tls,
	}
	for _, field := range f.RegularFields() {
		name := textproto.CanonicalMIMEHeaderKey(field.Name)
		r.Header[name] = append(r.Header[name], field.Value)
	}
	if r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	return r
}

// takeData gives a stream what it was sent, and the connection's window back at once: the stream has its own.
func (c *http2Conn) takeData(f *http2.DataFrame) error {
	size := int(f.Length)
	if c.unseen += size; c.unseen >= http2Shared/2 {
		seen := uint32(c.unseen)
		c.unseen = 0
		if err := c.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(0, seen) }); err != nil {
			return err
		}
	}
	if f.StreamID > c.newest {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s := c.streams[f.StreamID]; s != nil {
		return s.receive(f.Data(), size, f.StreamEnded())
	}
	return nil // it was sent before the client knew that we had left
}

// takeWindow lets us send more (RFC 9113, 6.9).
func (c *http2Conn) takeWindow(f *http2.WindowUpdateFrame) error {
	if f.StreamID != 0 {
		if s := c.streams[f.StreamID]; s != nil {
			return s.widen(int64(f.Increment))
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

// takeSettings obeys what the client wants.
func (c *http2Conn) takeSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	if err := f.ForeachSetting(c.set); err != nil {
		return err
	}
	return c.out.post((*http2.Framer).WriteSettingsAck)
}

func (c *http2Conn) set(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err
	}
	switch s.ID {
	case http2.SettingMaxFrameSize:
		c.frame = int(s.Val)
	case http2.SettingHeaderTableSize:
		c.out.resize(s.Val)
	case http2.SettingInitialWindowSize:
		more := int64(s.Val) - c.initial
		c.initial = int64(s.Val)
		for _, stream := range c.streams { // RFC 9113, 6.9.2
			if err := stream.widen(more); err != nil {
				return err
			}
		}
	}
	return nil
}
