package servertest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// clientFrames modifies the HTTP/2 frames of a client before a conforming server reads them, so that the two together behave like a
// server that violates a rule.
type clientFrames struct {
	fault   string
	conn    net.Conn // closed by the fault http2-reset-ends-all
	in      io.Reader
	out     *http2.Framer
	decoder *hpack.Decoder
	encoder *hpack.Encoder
	encoded bytes.Buffer
	block   []byte // the part of a field block received so far
	ended   bool   // the HEADERS frame of block has END_STREAM
	streams int    // number of streams that the client has opened
}

// changeFrames returns the reader that the server uses instead of in. The goroutine that changes the frames ends with the connection.
func (f *Faulty) changeFrames(conn net.Conn, in *bufio.Reader) *bufio.Reader {
	if !f.fault.HTTP2 {
		return in
	}
	reader, writer := io.Pipe()
	c := &clientFrames{fault: f.fault.Name, conn: conn, in: in, out: http2.NewFramer(writer, nil), decoder: hpack.NewDecoder(4096, nil)}
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.out.AllowIllegalWrites = true
	go func() {
		_, err := io.CopyN(writer, in, int64(len(http2.ClientPreface)))
		for err == nil {
			err = c.next()
		}
		writer.CloseWithError(err)
	}()
	return bufio.NewReader(reader)
}

// next forwards a frame, modified or unchanged, or drops it.
func (c *clientFrames) next() error {
	var head [9]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return err
	}
	payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(c.in, payload); err != nil {
		return err
	}
	kind, flags, stream := http2.FrameType(head[3]), http2.Flags(head[4]), binary.BigEndian.Uint32(head[5:])&(1<<31-1)
	switch {
	case kind == http2.FrameHeaders, kind == http2.FrameContinuation:
		return c.fields(kind, flags, stream, payload)
	case kind == http2.FrameData && c.fault == "http2-padding-kept":
		flags &^= http2.FlagDataPadded
	case kind == http2.FrameData && c.fault == "http2-empty-resets" && len(payload) == 0 && flags&http2.FlagDataEndStream == 0:
		return c.out.WriteRSTStream(stream, http2.ErrCodeCancel)
	case kind == http2.FrameData && c.fault == "http2-short-data-lost" && len(payload) == 1:
		return nil
	case kind == http2.FrameSettings && c.fault == "http2-window-ignored":
		payload = withoutWindow(payload)
	case kind == http2.FrameRSTStream && c.fault == "http2-reset-ends-all":
		return c.conn.Close()
	}
	return c.out.WriteRawFrame(kind, flags, stream, payload)
}

// defaultWindow is the initial size of a stream's window without a setting (RFC 9113, section 6.9.2).
const defaultWindow = 65535

// withoutWindow removes a setting of the initial window that is smaller than the default.
func withoutWindow(settings []byte) []byte {
	var kept []byte
	for ; len(settings) >= 6; settings = settings[6:] {
		id, value := http2.SettingID(binary.BigEndian.Uint16(settings)), binary.BigEndian.Uint32(settings[2:])
		if id != http2.SettingInitialWindowSize || value >= defaultWindow {
			kept = append(kept, settings[:6]...)
		}
	}
	return kept
}

// fields forwards the fields of a request once the field block is complete.
func (c *clientFrames) fields(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) error {
	if kind == http2.FrameHeaders {
		if flags&http2.FlagHeadersPadded != 0 && len(payload) > int(payload[0]) {
			payload = payload[1 : len(payload)-int(payload[0])]
		}
		if flags&http2.FlagHeadersPriority != 0 && len(payload) >= 5 {
			payload = payload[5:]
		}
		c.block, c.ended = nil, flags&http2.FlagHeadersEndStream != 0
	}
	c.block = append(c.block, payload...)
	if flags&http2.FlagHeadersEndHeaders == 0 {
		return nil
	}
	fields, err := c.decoder.DecodeFull(c.block)
	if err != nil {
		return err
	}
	c.streams++
	if c.fault == "http2-second-ignored" && c.streams > 1 {
		return nil
	}
	c.encoded.Reset()
	for _, field := range c.fixFields(fields) {
		c.encoder.WriteField(field) // a write to a buffer never fails
	}
	return c.out.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: c.encoded.Bytes(), EndStream: c.ended, EndHeaders: true})
}

// fixFields corrects the fields of a malformed request if the fault is to accept it.
func (c *clientFrames) fixFields(fields []hpack.HeaderField) []hpack.HeaderField {
	isPseudo := func(f hpack.HeaderField) bool { return strings.HasPrefix(f.Name, ":") }
	has := func(name string) bool {
		return slices.ContainsFunc(fields, func(f hpack.HeaderField) bool { return f.Name == name })
	}
	without := func(names ...string) []hpack.HeaderField {
		return slices.DeleteFunc(fields, func(f hpack.HeaderField) bool { return slices.Contains(names, f.Name) })
	}
	first := func(name, value string) []hpack.HeaderField {
		return append([]hpack.HeaderField{{Name: name, Value: value}}, fields...)
	}
	switch {
	case c.fault == "http2-upper-accepted":
		for i := range fields {
			fields[i].Name = strings.ToLower(fields[i].Name)
		}
	case c.fault == "http2-connection-accepted":
		return without("connection", "upgrade", "keep-alive", "transfer-encoding")
	case c.fault == "http2-pseudo-unknown-accepted":
		return slices.DeleteFunc(fields, func(f hpack.HeaderField) bool {
			return isPseudo(f) && !slices.Contains([]string{":method", ":protocol", ":scheme", ":authority", ":path"}, f.Name)
		})
	case c.fault == "http2-pseudo-late-accepted":
		slices.SortStableFunc(fields, func(a, b hpack.HeaderField) int {
			switch {
			case isPseudo(a) == isPseudo(b):
				return 0
			case isPseudo(a):
				return -1
			}
			return 1
		})
	case c.fault == "http2-no-scheme-accepted" && !has(":scheme"):
		return first(":scheme", "http")
	case c.fault == "http2-no-path-accepted" && !has(":path"):
		return first(":path", "/")
	case c.fault == "http2-no-protocol-accepted" && !has(":protocol"):
		return first(":protocol", "websocket")
	}
	return fields
}
