package server

import (
	"io"
	"math"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"golang.org/x/net/http2"
)

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
