package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"wsx/check/probe"
	"wsx/client/dial"
)

// HTTP2 is an HTTP/2 connection whose frames a check writes itself.
type HTTP2 struct {
	Server   *Server
	Fields   []hpack.HeaderField // of the extended CONNECT request with the user's options
	Settings map[http2.SettingID]uint32
	Framer   *http2.Framer
	Acked    bool // the server has acknowledged a PING

	conn    net.Conn
	fields  bytes.Buffer
	encoder *hpack.Encoder
	streams map[uint32]*HTTP2Stream
	end     error // the error that ended the connection; nil = it has not ended
}

// HTTP2Stream is what was received on one stream.
type HTTP2Stream struct {
	Status int // of the response; 0 = none was received
	Fields []hpack.HeaderField
	Data   []byte
	Ended  bool // the server has sent END_STREAM
	Reset  bool // the server has reset the stream or the connection, or sent an invalid frame on the stream
}

// String returns the response in words.
func (s *HTTP2Stream) String() string {
	switch {
	case s.Status != 0:
		return fmt.Sprintf(":status %d", s.Status)
	case s.Reset:
		return "RST_STREAM"
	case s.Ended:
		return "the end of the stream"
	}
	return "no response"
}

// OverHTTP2 returns a check that calls run with an HTTP/2 connection once the server's settings have been received.
func OverHTTP2(run func(c *HTTP2) Outcome, settings ...http2.Setting) RunFunc {
	return onTransport(skipsUnless(dial.HTTP2), func(_ context.Context, s *Server, t *dial.Transport) Outcome {
		c := &HTTP2{Server: s, Fields: t.Fields, Settings: map[http2.SettingID]uint32{}, Framer: http2.NewFramer(t.Conn, t.Conn), conn: t.Conn, streams: map[uint32]*HTTP2Stream{}}
		c.Framer.AllowIllegalWrites = true
		c.encoder = hpack.NewEncoder(&c.fields)
		c.Framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
		if _, err := io.WriteString(t.Conn, http2.ClientPreface); err != nil {
			return Outcome{Verdict: Fail, Received: ended(err), Lost: true}
		}
		c.Framer.WriteSettings(settings...)
		if !c.Until(func() bool { return len(c.Settings) > 0 }) {
			return Outcome{Verdict: Fail, Received: "no SETTINGS " + within(s.Timeout), Lost: c.end != nil}
		}
		o := run(c)
		o.Malformed = true
		return o
	})
}

// Until reads frames until enough returns true, the connection ends or Server.Timeout passes, and reports whether enough is true.
func (c *HTTP2) Until(enough func() bool) bool {
	c.conn.SetReadDeadline(time.Now().Add(c.Server.Timeout))
	for !enough() {
		f, err := c.Framer.ReadFrame()
		if stream, ok := errors.AsType[http2.StreamError](err); ok {
			c.stream(stream.StreamID).Reset = true // it has received an invalid frame
			continue
		}
		if err != nil {
			if !timedOut(err) {
				c.end = err
			}
			return enough()
		}
		c.handleFrame(f)
	}
	return true
}

func (c *HTTP2) handleFrame(f http2.Frame) {
	s := c.stream(f.Header().StreamID)
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return
		}
		c.Settings[0] = 1 // SETTINGS were received, even if they are empty
		f.ForeachSetting(func(setting http2.Setting) error {
			c.Settings[setting.ID] = setting.Val
			return nil
		})
		c.Framer.WriteSettingsAck()
	case *http2.PingFrame:
		if c.Acked = f.IsAck(); !c.Acked {
			c.Framer.WritePing(true, f.Data)
		}
	case *http2.MetaHeadersFrame:
		fmt.Sscan(f.PseudoValue("status"), &s.Status)
		s.Fields, s.Ended = f.RegularFields(), f.StreamEnded()
	case *http2.DataFrame:
		s.Data = append(s.Data, f.Data()...)
		s.Ended = s.Ended || f.StreamEnded()
	case *http2.RSTStreamFrame:
		s.Reset = true
	case *http2.GoAwayFrame:
		if f.ErrCode != http2.ErrCodeNo {
			c.end = fmt.Errorf("GOAWAY %v", f.ErrCode)
			for _, s := range c.streams {
				s.Reset = true
			}
		}
	}
}

// stream returns what was received on a stream.
func (c *HTTP2) stream(id uint32) *HTTP2Stream {
	if c.streams[id] == nil {
		c.streams[id] = &HTTP2Stream{}
	}
	return c.streams[id]
}

// Open sends a request on a stream and reads until there is a response.
func (c *HTTP2) Open(id uint32, fields []hpack.HeaderField) *HTTP2Stream {
	c.fields.Reset()
	for _, f := range fields {
		c.encoder.WriteField(f)
	}
	c.Framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: c.fields.Bytes(), EndHeaders: true})
	s := c.stream(id)
	c.Until(func() bool { return s.Status != 0 || s.Reset })
	return s
}

// Frames returns the WebSocket frames received on a stream.
func (s *HTTP2Stream) Frames() []probe.Received { return probe.ParseFrames(s.Data) }

// Echoed reads until a text message is echoed on a stream or, if the server does not echo, a pong is received. It reports
// whether that happened.
func (c *HTTP2) Echoed(s *HTTP2Stream, message string) bool {
	return c.Until(func() bool { return c.Server.echoed(s.Frames(), message) })
}

// Refused returns the outcome of a malformed or unsupported request on a stream, which the server must reject.
func (c *HTTP2) Refused(s *HTTP2Stream) Outcome {
	switch {
	case s.Status/100 == 2:
		return Outcome{Verdict: Fail, Received: s.String()}
	case s.Status != 0, s.Reset:
		return Outcome{Verdict: Pass, Received: s.String()}
	case c.end != nil:
		return Outcome{Verdict: Warn, Received: "the end of the connection"}
	}
	return Outcome{Verdict: Fail, Received: "no response " + within(c.Server.Timeout)}
}

// With returns the fields with some replaced or, if their value is empty, removed. New ones are appended.
func With(fields []hpack.HeaderField, changes ...hpack.HeaderField) []hpack.HeaderField {
	changed := slices.Clone(fields)
	for _, change := range changes {
		at := slices.IndexFunc(changed, func(f hpack.HeaderField) bool { return f.Name == change.Name })
		switch {
		case at >= 0 && change.Value == "":
			changed = slices.Delete(changed, at, at+1)
		case at >= 0:
			changed[at] = change
		case strings.HasPrefix(change.Name, ":"):
			changed = slices.Insert(changed, 0, change)
		default:
			changed = append(changed, change)
		}
	}
	return changed
}
