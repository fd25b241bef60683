package http2

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// closeTimeout bounds how long Close writes pending frames, and how long a rejected peer may take to stop sending.
const closeTimeout = time.Second

// Conn is a connection with streams. One goroutine receives and never waits for anything else; another sends.
type Conn struct {
	conn    net.Conn
	server  bool   // this side is the server
	peer    string // "client" or "server"
	recv    int    // initial window of a stream, in bytes: what the peer may send before it is read
	framer  *http2.Framer
	out     writer
	running sync.WaitGroup // goroutines of the connection
	idle    budget         // for frames without content; belongs to the goroutine that receives
	client  clientConn
	serve   serverConn

	mu       sync.Mutex // guards the fields below; out.mu may be locked inside it
	streams  map[uint32]*Stream
	settings peerSettings
	window   int64 // bytes that may be sent on all streams together
	unacked  int   // bytes received for which no WINDOW_UPDATE was sent
	err      error // not nil once the connection has failed
}

// peerSettings are the settings of the peer that are obeyed (RFC 9113, section 6.5.2; RFC 8441, section 3).
type peerSettings struct {
	window   int64  // bytes that may be sent on a new stream
	frame    int    // maximum payload of a frame, in bytes
	streams  uint32 // number of streams that may be open
	extended bool   // an extended CONNECT may be sent
}

// newConn returns a connection without the state of a client or server.
func newConn(conn net.Conn, in io.Reader, server bool) *Conn {
	c := &Conn{
		conn: conn, server: server, peer: "server", recv: clientWindow,
		streams:  map[uint32]*Stream{},
		settings: peerSettings{window: math.MaxUint16, frame: 16 << 10, streams: math.MaxUint32},
		window:   math.MaxUint16,
	}
	frame, header := uint32(clientFrame), uint32(maxHeader)
	if server {
		c.peer, c.recv = "client", serverWindow
		frame, header = serverFrame, maxRequest
	}
	c.framer = http2.NewFramer(nil, &continuationLimit{in: in, peer: c.peer})
	c.framer.SetReuseFrames()
	c.framer.SetMaxReadFrameSize(frame)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(tableSize, nil)
	c.framer.MaxHeaderListSize = header
	c.out.start(conn, c.peer)
	return c
}

// Close ends all streams and the connection. Pending frames are sent if the peer reads them within closeTimeout.
func (c *Conn) Close() error {
	c.fail(net.ErrClosed)
	c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	c.out.appendLast(func(framer *http2.Framer) error { return framer.WriteGoAway(c.lastStream(), http2.ErrCodeNo, nil) })
	<-c.out.ended
	err := c.conn.Close()
	c.running.Wait()
	return err
}

// fail ends all streams with the same error.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	for _, s := range c.streams {
		s.end(err, err)
	}
	if c.client.settingsReceived != nil && !c.client.hasSettings {
		close(c.client.settingsReceived)
	}
}

// receive handles frames until the connection ends, and sends GOAWAY if that is the peer's fault.
func (c *Conn) receive() error {
	err := c.receiveFrames()
	if code := errorCode(err); code != http2.ErrCodeNo {
		c.out.appendLast(func(framer *http2.Framer) error { return framer.WriteGoAway(c.lastStream(), code, nil) })
	}
	return err
}

func (c *Conn) receiveFrames() error {
	for {
		frame, err := c.framer.ReadFrame()
		if invalid, ok := errors.AsType[http2.StreamError](err); ok {
			err = c.resetInvalid(invalid)
		} else if err == nil {
			err = c.handle(frame)
		}
		if err != nil {
			return err
		}
	}
}

// errorCode returns the code of the GOAWAY frame after an error; NO_ERROR = no violation by the peer.
func errorCode(err error) http2.ErrCode {
	var code http2.ConnectionError
	var flood *FloodError
	switch {
	case errors.As(err, &flood):
		return http2.ErrCodeEnhanceYourCalm
	case errors.Is(err, http2.ErrFrameTooLarge):
		return http2.ErrCodeFrameSize
	case errors.As(err, &code):
		return http2.ErrCode(code)
	}
	return http2.ErrCodeNo
}

// explain replaces errors of the framer by those of this package.
func (c *Conn) explain(err error) error {
	var code http2.ConnectionError
	switch {
	case errors.As(err, &code):
		return &ProtocolError{c.peer, fmt.Sprint(http2.ErrCode(code)), err}
	case errors.Is(err, http2.ErrFrameTooLarge):
		return &ProtocolError{c.peer, "a frame is too long", err}
	}
	return err
}

// rejectPeer closes the connection after a GOAWAY frame: it closes the sending side, and reads for up to closeTimeout. If the
// connection were closed with unread frames of the peer, TCP would reset it, and the peer might not receive the GOAWAY.
func (c *Conn) rejectPeer() {
	c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	<-c.out.ended
	if writer, ok := c.conn.(interface{ CloseWrite() error }); ok && writer.CloseWrite() == nil {
		c.conn.SetReadDeadline(time.Now().Add(closeTimeout))
		io.Copy(io.Discard, c.conn)
	}
	c.conn.Close()
}

// handle processes a frame. Its errors end the connection.
func (c *Conn) handle(frame http2.Frame) error {
	if kind := withoutContent(frame); kind != "" && !c.idle.spend(time.Now()) {
		return &FloodError{c.peer, kind}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := frame.(*http2.SettingsFrame); !ok && c.server && !c.serve.hasSettings {
		return http2.ConnectionError(http2.ErrCodeProtocol) // RFC 9113, section 3.4
	}
	switch f := frame.(type) {
	case *http2.DataFrame:
		return c.handleData(f)
	case *http2.MetaHeadersFrame:
		if c.server {
			return c.handleRequest(f)
		}
		return c.handleResponse(f)
	case *http2.RSTStreamFrame:
		return c.handleReset(f)
	case *http2.WindowUpdateFrame:
		return c.handleWindow(f)
	case *http2.SettingsFrame:
		return c.handleSettings(f)
	case *http2.GoAwayFrame:
		if !c.server {
			c.handleGoAway(f)
		}
	case *http2.PingFrame:
		if data := f.Data; !f.IsAck() {
			return c.out.post(func(framer *http2.Framer) error { return framer.WritePing(true, data) })
		}
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol) // a client cannot push, and the settings sent forbid it to a server
	}
	return nil
}

// The functions below are called with mu locked.

// lastStream returns the identifier of the last stream that the peer has opened.
func (c *Conn) lastStream() uint32 { return c.serve.newest.Load() }

// opened reports whether a stream with this identifier was ever opened.
func (c *Conn) opened(id uint32) bool {
	if c.server {
		return id <= c.lastStream()
	}
	return id < c.client.next
}

// handleSettings applies the peer's settings.
func (c *Conn) handleSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	if err := f.ForeachSetting(c.set); err != nil {
		return err
	}
	if c.server {
		c.endPreface()
	} else if !c.client.hasSettings && c.err == nil {
		c.client.hasSettings = true
		close(c.client.settingsReceived)
	}
	return c.out.post((*http2.Framer).WriteSettingsAck)
}

func (c *Conn) set(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err
	}
	switch s.ID {
	case http2.SettingEnableConnectProtocol:
		c.settings.extended = s.Val == 1
	case http2.SettingMaxConcurrentStreams:
		c.settings.streams = s.Val
	case http2.SettingMaxFrameSize:
		c.settings.frame = int(s.Val)
	case http2.SettingHeaderTableSize:
		c.out.resize(s.Val)
	case http2.SettingInitialWindowSize:
		delta := int64(s.Val) - c.settings.window
		c.settings.window = int64(s.Val)
		for _, stream := range c.streams { // RFC 9113, section 6.9.2
			if !stream.widen(delta) {
				return http2.ConnectionError(http2.ErrCodeFlowControl)
			}
		}
	}
	return nil
}

// handleWindow widens the window for sending (RFC 9113, section 6.9).
func (c *Conn) handleWindow(f *http2.WindowUpdateFrame) error {
	if f.StreamID != 0 {
		if s := c.streams[f.StreamID]; s != nil && !s.widen(int64(f.Increment)) {
			return c.reset(s, http2.ErrCodeFlowControl, &ProtocolError{c.peer, fmt.Sprint(http2.ErrCodeFlowControl), nil})
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

// handleData passes data to its stream, and restores the connection's window at once: the stream has a window of its own.
func (c *Conn) handleData(f *http2.DataFrame) error {
	size := int(f.Length)
	if c.unacked += size; c.unacked >= connWindow/2 {
		increment := uint32(c.unacked)
		c.unacked = 0
		if err := c.out.post(func(framer *http2.Framer) error { return framer.WriteWindowUpdate(0, increment) }); err != nil {
			return err
		}
	}
	if !c.opened(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s := c.streams[f.StreamID]; s != nil {
		return s.receive(f.Data(), size, f.StreamEnded())
	}
	return nil // sent before the peer received the RST_STREAM
}

// handleReset ends a stream (RFC 9113, section 6.4).
func (c *Conn) handleReset(f *http2.RSTStreamFrame) error {
	if !c.opened(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if s := c.streams[f.StreamID]; s != nil {
		err := &ResetError{c.peer, f.ErrCode}
		s.end(err, err)
	}
	return nil
}

// reset resets a stream after a violation by the peer.
func (c *Conn) reset(s *Stream, code http2.ErrCode, err error) error {
	s.end(err, err)
	return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(s.id, code) })
}

// resetInvalid resets a stream after an error of the framer. The stream need not exist. mu must be unlocked.
func (c *Conn) resetInvalid(invalid http2.StreamError) error {
	detail := fmt.Sprint(invalid.Code)
	if invalid.Cause != nil {
		detail = invalid.Cause.Error()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server && invalid.StreamID > c.lastStream() {
		c.serve.newest.Store(invalid.StreamID)
	}
	if s := c.streams[invalid.StreamID]; s != nil {
		return c.reset(s, invalid.Code, &ProtocolError{c.peer, detail, invalid})
	}
	return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(invalid.StreamID, invalid.Code) })
}

// clientConn is the state of a connection that only a client has.
type clientConn struct {
	in               *bufio.Reader
	settingsReceived chan struct{} // closed when the server's settings were received, or the connection has ended

	// guarded by Conn.mu
	next        uint32 // identifier of the next stream
	hasSettings bool   // the server's settings were received
	goAway      error  // not nil if the server accepts no more streams
}

// serverConn is the state of a connection that only a server has.
type serverConn struct {
	in      io.Reader
	remote  string               // the client's address
	tls     *tls.ConnectionState // nil without TLS
	options ServerOptions
	handle  func(*Stream)
	newest  atomic.Uint32 // identifier of the last stream that was opened

	// guarded by Conn.mu
	hasSettings bool        // the client's settings were received
	retiring    bool        // no further streams are accepted: the connection ends with the last one
	expiry      *time.Timer // ends the connection if it has no stream; its time depends on the state, see checkIdle
}

// Stream is one stream of a connection: a request, its response, and bytes in both directions. One goroutine may read and one write;
// any may close. It is a net.Conn without deadlines.
type Stream struct {
	Request  *http.Request // as sent by the client; nil on the client's side
	Protocol string        // of an extended CONNECT, "websocket"; "" = any other request

	conn     *Conn
	id       uint32
	owner    bool          // the connection is closed with the stream
	answered chan struct{} // closed when the response was received, or the stream has ended; nil on the server's side
	closed   atomic.Bool   // Close or Reset was called

	// guarded by conn.mu
	changed  sync.Cond // signals a change of the fields below
	fields   []hpack.HeaderField
	in       ring  // data received and not yet read
	allowed  int   // bytes that the peer may still send
	consumed int   // bytes read for which no WINDOW_UPDATE was sent
	window   int64 // bytes that may still be sent
	readErr  error // what Read returns when in is empty; nil = more may be received
	writeErr error // what Write returns; nil = more may be sent
	ended    bool  // END_STREAM was sent
}
