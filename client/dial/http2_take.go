package dial

import (
	"fmt"
	"math"

	"golang.org/x/net/http2"
)

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
