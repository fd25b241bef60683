package http2

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// NewClient returns the client side of a connection, which owns conn and is ended by Close.
func NewClient(conn net.Conn) *Conn {
	in := bufio.NewReaderSize(conn, 64<<10)
	c := newConn(conn, in, false)
	c.client = clientConn{in: in, settingsReceived: make(chan struct{}), next: 1}
	c.out.post(c.preface)
	c.running.Go(c.receiveResponses) // ended by Close, like the writer
	c.running.Go(c.out.run)
	return c
}

// preface writes the connection preface (RFC 9113, section 3.4).
func (c *Conn) preface(framer *http2.Framer) error {
	io.WriteString((*pendingFrames)(&c.out), http2.ClientPreface)
	framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: clientWindow},
		http2.Setting{ID: http2.SettingMaxFrameSize, Val: clientFrame},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: maxHeader},
	)
	return framer.WriteWindowUpdate(0, connWindow-math.MaxUint16)
}

// Ready waits for the server's settings. It returns ErrNoExtendedConnect if they do not allow one.
func (c *Conn) Ready(ctx context.Context) error {
	select {
	case <-c.client.settingsReceived:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.client.hasSettings {
		return c.err
	}
	if !c.settings.extended {
		return ErrNoExtendedConnect
	}
	return nil
}

// Open opens a stream with the header fields of a request. It returns ErrTooManyStreams if the server allows no more, and a
// *GoAwayError after a GOAWAY.
func (c *Conn) Open(fields []hpack.HeaderField) (*Stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return nil, c.err
	case c.client.goAway != nil:
		return nil, c.client.goAway
	case uint32(len(c.streams)) >= c.settings.streams, c.client.next > math.MaxInt32:
		return nil, ErrTooManyStreams
	}
	s := newStream(c, c.client.next)
	s.answered = make(chan struct{})
	if err := c.out.postHeaders(s.id, fields, c.settings.frame); err != nil { // under mu, so that identifiers ascend on the wire
		return nil, err
	}
	c.streams[s.id] = s
	c.client.next += 2
	return s, nil
}

// receiveResponses receives until the connection ends.
func (c *Conn) receiveResponses() {
	err := c.expectSettings()
	if err == nil {
		err = c.receive()
	}
	c.fail(c.reason(err))
	if errorCode(err) == http2.ErrCodeNo {
		c.out.stop(net.ErrClosed)
	}
}

// reason returns why the connection has ended.
func (c *Conn) reason(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sent *GoAwayError
	if errorCode(err) == http2.ErrCodeNo && errors.As(c.client.goAway, &sent) && sent.Code != http2.ErrCodeNo {
		return sent
	}
	return c.explain(err)
}

// expectSettings returns an error unless the server begins with its settings, as HTTP/2 requires (RFC 9113, section 3.4).
func (c *Conn) expectSettings() error {
	const length = 3 // the type follows
	in := c.client.in
	start, err := in.Peek(length + 1)
	if len(start) > length && start[length] == byte(http2.FrameSettings) {
		start, err = in.Peek(frameHeader)
		if err == nil && bytes.HasSuffix(start, make([]byte, 4)) {
			return nil
		}
	}
	if len(start) == 0 {
		return err
	}
	start, _ = in.Peek(min(in.Buffered(), 64))
	return &PrefaceError{bytes.Clone(start)}
}

// Response waits for the header fields of the server's response, with the status.
func (s *Stream) Response(ctx context.Context) ([]hpack.HeaderField, error) {
	select {
	case <-s.answered:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.fields == nil {
		return nil, s.readErr
	}
	return s.fields, nil
}

// The functions below are called with mu locked.

// handleResponse passes a response, or trailers, to its stream.
func (c *Conn) handleResponse(f *http2.MetaHeadersFrame) error {
	if !c.opened(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	s := c.streams[f.StreamID]
	if s == nil {
		return nil
	}
	status, err := strconv.Atoi(f.PseudoValue("status"))
	switch {
	case s.readErr != nil, s.fields != nil && !f.StreamEnded():
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case s.fields != nil:
		s.end(io.EOF, nil)
		return nil
	case f.Truncated:
		s.end(ErrHeaderTooLong, ErrHeaderTooLong)
		return nil
	case err != nil || status < 100:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case status/100 == 1 && !f.StreamEnded():
		return nil // an interim response (RFC 9110, section 15.2)
	}
	s.answer(f.Fields)
	if f.StreamEnded() {
		s.end(io.EOF, nil)
	}
	return nil
}

// handleGoAway ends the streams that the server has not processed. The others continue.
func (c *Conn) handleGoAway(f *http2.GoAwayFrame) {
	reason := f.DebugData()
	c.client.goAway = &GoAwayError{f.ErrCode, string(reason[:min(len(reason), maxReason)])}
	for id, s := range c.streams {
		if id > f.LastStreamID {
			s.end(c.client.goAway, c.client.goAway)
		}
	}
}
