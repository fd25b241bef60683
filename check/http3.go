package check

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"
	"golang.org/x/net/http2/hpack"

	"wsx/check/probe"
	"wsx/client/dial"
)

// HTTP3 is an HTTP/3 connection whose frames a check writes itself.
type HTTP3 struct {
	Server   *Server
	Fields   []hpack.HeaderField // of the extended CONNECT request with the user's options
	Settings map[uint64]uint64

	ctx  context.Context
	conn *quic.Conn
}

// The types of streams and frames of HTTP/3 (RFC 9114, sections 6.2 and 7.2), and the setting of RFC 9220.
const (
	controlStream = 0x00
	dataFrame     = 0x00
	headersFrame  = 0x01
	settingsFrame = 0x04

	EnableConnectProtocol = 0x08
)

// maxHTTP3Frame bounds a frame that is read, in bytes.
const maxHTTP3Frame = 1 << 20

// OverHTTP3 returns a check that calls run with an HTTP/3 connection once the server's settings have been received.
func OverHTTP3(run func(c *HTTP3) Outcome) RunFunc {
	return onTransport(skipsUnless(dial.HTTP3), func(ctx context.Context, s *Server, t *dial.Transport) Outcome {
		c := &HTTP3{Server: s, Fields: t.Fields, ctx: ctx, conn: t.QUIC}
		if control, err := c.conn.OpenUniStream(); err == nil {
			control.Write([]byte{controlStream, settingsFrame, 0})
		}
		if err := c.readSettings(); err != nil {
			return Outcome{Verdict: Fail, Received: fmt.Sprintf("no SETTINGS: %v", err)}
		}
		o := run(c)
		o.Malformed = true
		return o
	})
}

// readSettings accepts streams until the server's control stream, and reads its settings.
func (c *HTTP3) readSettings() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.Server.Timeout)
	defer cancel()
	for {
		stream, err := c.conn.AcceptUniStream(ctx)
		if err != nil {
			return err
		}
		stream.SetReadDeadline(time.Now().Add(c.Server.Timeout))
		reader := quicvarint.NewReader(stream)
		if kind, err := quicvarint.Read(reader); err != nil || kind != controlStream {
			continue
		}
		kind, payload, err := readHTTP3Frame(reader)
		if err != nil || kind != settingsFrame {
			return fmt.Errorf("a frame of type %d on the control stream: %w", kind, err)
		}
		c.Settings = map[uint64]uint64{}
		for r := bytes.NewReader(payload); r.Len() > 0; {
			id, err := quicvarint.Read(r)
			if err != nil {
				return err
			}
			if c.Settings[id], err = quicvarint.Read(r); err != nil {
				return err
			}
		}
		return nil
	}
}

// readHTTP3Frame reads a frame (RFC 9114, section 7.1).
func readHTTP3Frame(r quicvarint.Reader) (kind uint64, payload []byte, err error) {
	if kind, err = quicvarint.Read(r); err != nil {
		return 0, nil, err
	}
	length, err := quicvarint.Read(r)
	if err != nil {
		return kind, nil, err
	}
	if length > maxHTTP3Frame {
		return kind, nil, fmt.Errorf("a frame of %d bytes", length)
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(r, payload)
	return kind, payload, err
}

// HTTP3Stream is the stream of a request and what was received on it.
type HTTP3Stream struct {
	Status int // of the response; 0 = none was received
	Fields []qpack.HeaderField
	Data   []byte
	End    error // the error that ended the stream; io.EOF = the server has finished it, nil = it has not ended

	conn   *HTTP3
	stream *quic.Stream
	reader quicvarint.Reader
}

// String returns the response in words.
func (s *HTTP3Stream) String() string {
	switch {
	case s.Status != 0:
		return fmt.Sprintf(":status %d", s.Status)
	case s.End != nil:
		return "the stream ended without a response"
	}
	return "no response"
}

// Open sends a request on a new stream and reads until there is a response.
func (c *HTTP3) Open(fields []hpack.HeaderField) *HTTP3Stream {
	s := &HTTP3Stream{conn: c}
	ctx, cancel := context.WithTimeout(c.ctx, c.Server.Timeout)
	defer cancel()
	if s.stream, s.End = c.conn.OpenStreamSync(ctx); s.End != nil {
		return s
	}
	s.reader = quicvarint.NewReader(s.stream)
	var block bytes.Buffer
	encoder := qpack.NewEncoder(&block)
	for _, f := range fields {
		encoder.WriteField(qpack.HeaderField{Name: f.Name, Value: f.Value})
	}
	s.write(headersFrame, block.Bytes())
	s.Until(func() bool { return s.Status != 0 })
	return s
}

// Write writes a DATA frame.
func (s *HTTP3Stream) Write(payload []byte) { s.write(dataFrame, payload) }

func (s *HTTP3Stream) write(kind uint64, payload []byte) {
	if s.stream != nil {
		frame := quicvarint.Append(quicvarint.Append(nil, kind), uint64(len(payload)))
		s.stream.Write(append(frame, payload...)) // if writing fails, so does reading
	}
}

// Cancel resets the stream.
func (s *HTTP3Stream) Cancel() {
	if s.stream != nil {
		s.stream.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
		s.stream.CancelRead(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
	}
}

// Until reads frames until enough returns true, the stream ends or Server.Timeout passes, and reports whether enough is true.
func (s *HTTP3Stream) Until(enough func() bool) bool {
	if s.stream == nil {
		return enough()
	}
	s.stream.SetReadDeadline(time.Now().Add(s.conn.Server.Timeout))
	for !enough() {
		kind, payload, err := readHTTP3Frame(s.reader)
		if err != nil {
			if !timedOut(err) {
				s.End = err
			}
			return enough()
		}
		switch kind {
		case headersFrame:
			s.decode(payload)
		case dataFrame:
			s.Data = append(s.Data, payload...)
		}
	}
	return true
}

// decode decodes the fields of a response.
func (s *HTTP3Stream) decode(block []byte) {
	for next := qpack.NewDecoder().Decode(block); ; {
		f, err := next()
		if err != nil {
			return
		}
		if f.Name == ":status" {
			fmt.Sscan(f.Value, &s.Status)
			continue
		}
		s.Fields = append(s.Fields, f)
	}
}

// Frames returns the received WebSocket frames.
func (s *HTTP3Stream) Frames() []probe.Received { return probe.ParseFrames(s.Data) }

// Echoed reads until a text message is echoed or, if the server does not echo, a pong is received. It reports whether that
// happened.
func (s *HTTP3Stream) Echoed(message string) bool {
	return s.Until(func() bool { return s.conn.Server.echoed(s.Frames(), message) })
}

// Refused returns the outcome of a malformed or unsupported request, which the server must reject.
func (s *HTTP3Stream) Refused() Outcome {
	if s.Status == 0 && s.End == nil {
		return Outcome{Verdict: Fail, Received: "no response " + within(s.conn.Server.Timeout)}
	}
	return Holds(s.Status/100 != 2, s.String())
}
