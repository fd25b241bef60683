package http2

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// NewServer returns the server side of a connection. Its bytes are read from in, beginning with the client's connection preface.
func NewServer(conn net.Conn, in *bufio.Reader, o ServerOptions) *Conn {
	c := newConn(conn, in, true)
	c.serve.in, c.serve.remote, c.serve.options = in, conn.RemoteAddr().String(), o
	c.serve.expiry = time.AfterFunc(cmp.Or(o.PrefaceTimeout, never), c.expire)
	if secured, ok := conn.(*tls.Conn); ok {
		state := secured.ConnectionState()
		c.serve.tls = &state
	}
	return c
}

// Serve calls handle for each request, in a goroutine of its own, and closes the stream when it has returned. Serve returns
// when the connection has ended, and with it all streams. It returns nil if the client has ended it or Retire was called.
func (c *Conn) Serve(handle func(*Stream)) error {
	defer c.serve.expiry.Stop()
	c.serve.handle = handle
	err := c.readPreface()
	if err == nil {
		c.out.post(serverSettings)
		go c.out.run() // ended below
		err = c.receive()
		c.fail(c.explain(err))
		c.out.appendLast(func(framer *http2.Framer) error { return framer.WriteGoAway(c.lastStream(), http2.ErrCodeNo, nil) })
		c.rejectPeer()
	}
	c.conn.Close()
	c.running.Wait()
	if errorCode(err) == http2.ErrCodeNo {
		return nil
	}
	return c.explain(err)
}

// readPreface reads the connection preface (RFC 9113, section 3.4).
func (c *Conn) readPreface() error {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c.serve.in, preface); err != nil {
		return err
	}
	if string(preface) != http2.ClientPreface {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return nil
}

// serverSettings writes the server's limits, and the permission to send an extended CONNECT (RFC 8441, section 3).
func serverSettings(framer *http2.Framer) error {
	framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1},
		http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: maxStreams},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: serverWindow},
		http2.Setting{ID: http2.SettingMaxFrameSize, Val: serverFrame},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: maxRequest},
	)
	return framer.WriteWindowUpdate(0, connWindow-math.MaxUint16)
}

// Retire makes the server accept no further streams, and ends the connection after the last stream.
func (c *Conn) Retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serve.retiring = true
	c.out.post(func(framer *http2.Framer) error { return framer.WriteGoAway(c.lastStream(), http2.ErrCodeNo, nil) })
	c.checkIdle()
}

// Abort drops the connection without another frame.
func (c *Conn) Abort() {
	c.conn.Close()
	c.out.stop(net.ErrClosed)
}

// Respond sends the header fields of the response, once.
func (s *Stream) Respond(status int, header http.Header) error {
	fields := []hpack.HeaderField{{Name: ":status", Value: strconv.Itoa(status)}}
	for name, values := range header {
		for _, value := range values {
			fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: value})
		}
	}
	s.conn.mu.Lock()
	frame := s.conn.settings.frame
	s.conn.mu.Unlock()
	return s.conn.out.postHeaders(s.id, fields, frame)
}

// The functions below are called with mu locked.

// endPreface ends the timeout for the preface.
func (c *Conn) endPreface() {
	if !c.serve.hasSettings {
		c.serve.hasSettings = true
		c.checkIdle()
	}
}

// checkIdle starts or stops the idle timeout. Until the client's settings were received, that for the preface runs.
func (c *Conn) checkIdle() {
	switch {
	case c.err != nil:
	case len(c.streams) > 0:
		c.serve.expiry.Stop()
	case c.serve.retiring:
		c.serve.expiry.Reset(0)
	case c.serve.hasSettings:
		c.serve.expiry.Reset(cmp.Or(c.serve.options.IdleTimeout, never))
	}
}

// expire ends the goroutine that receives, and with it the connection, unless a stream was opened meanwhile. mu must be unlocked.
func (c *Conn) expire() {
	c.mu.Lock()
	idle := c.err == nil && len(c.streams) == 0
	c.serve.retiring = c.serve.retiring || idle // no stream is opened any more
	c.mu.Unlock()
	if idle {
		c.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// handleRequest opens a stream, or ends one with its trailers.
func (c *Conn) handleRequest(f *http2.MetaHeadersFrame) error {
	if s := c.streams[f.StreamID]; s != nil {
		if !f.StreamEnded() {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		s.end(io.EOF, nil)
		return nil
	}
	if f.StreamID%2 == 0 || f.StreamID <= c.lastStream() {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.serve.newest.Store(f.StreamID)
	refuse := func(code http2.ErrCode) error {
		return c.out.post(func(framer *http2.Framer) error { return framer.WriteRSTStream(f.StreamID, code) })
	}
	switch {
	case c.serve.retiring:
		return refuse(http2.ErrCodeRefusedStream)
	case len(c.streams) >= maxStreams:
		if !c.idle.spend(time.Now()) {
			return &FloodError{c.peer, "requests beyond the stream limit"}
		}
		return refuse(http2.ErrCodeRefusedStream)
	}
	r := c.request(f)
	if r == nil {
		return refuse(http2.ErrCodeProtocol)
	}
	s := newStream(c, f.StreamID)
	s.Request, s.Protocol = r, f.PseudoValue("protocol")
	if f.StreamEnded() {
		s.end(io.EOF, nil)
	}
	c.streams[s.id] = s
	c.checkIdle()
	c.running.Go(func() {
		c.serve.handle(s)
		s.Close()
		c.remove(s)
	})
	return nil
}

// remove removes a stream, with mu unlocked.
func (c *Conn) remove(s *Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, s.id)
	c.checkIdle()
}

// request returns the request with the fields of a frame, or nil if they are invalid (RFC 9113, section 8.3.1).
func (c *Conn) request(f *http2.MetaHeadersFrame) *http.Request {
	path := f.PseudoValue("path")
	u, err := url.ParseRequestURI(path)
	if err != nil || !strings.HasPrefix(path, "/") || f.PseudoValue("method") == "" || f.PseudoValue("scheme") == "" || f.Truncated {
		return nil
	}
	if slices.ContainsFunc(f.RegularFields(), func(field hpack.HeaderField) bool { return IsConnectionHeader(field.Name) }) {
		return nil
	}
	r := &http.Request{
		Method: f.PseudoValue("method"), URL: u, RequestURI: path,
		Proto: "HTTP/2.0", ProtoMajor: 2,
		Header: http.Header{}, Body: http.NoBody,
		Host: f.PseudoValue("authority"), RemoteAddr: c.serve.remote, TLS: c.serve.tls,
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
