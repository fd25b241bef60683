// Package http2peer is an HTTP/2 server for tests that send each frame themselves.
package http2peer

import (
	"bytes"
	"io"
	"net"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// ExtendedConnect is the setting that allows clients an extended CONNECT.
var ExtendedConnect = http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1}

// Peer is the server's end of a connection.
type Peer struct {
	*http2.Framer
	Conn   net.Conn
	fields *hpack.Encoder
	block  bytes.Buffer
}

// Accept reads the connection preface and sends settings; nil = no preface was sent.
func Accept(conn net.Conn, settings ...http2.Setting) *Peer {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil || string(preface) != http2.ClientPreface {
		return nil
	}
	p := &Peer{Framer: http2.NewFramer(conn, conn), Conn: conn}
	p.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	p.fields = hpack.NewEncoder(&p.block)
	p.WriteSettings(settings...)
	return p
}

// ReadUntil reads to the next frame of a type that matches; nil = any. It reports whether there was one before the connection ended.
func ReadUntil[F http2.Frame](p *Peer, matches func(F) bool) (F, bool) {
	for {
		frame, err := p.ReadFrame()
		if err != nil {
			var none F
			return none, false
		}
		if f, ok := frame.(F); ok && (matches == nil || matches(f)) {
			return f, true
		}
	}
}

// NextRequest reads to the next request, and returns its stream; 0 = none.
func (p *Peer) NextRequest() uint32 {
	f, ok := ReadUntil[*http2.MetaHeadersFrame](p, nil)
	if !ok {
		return 0
	}
	return f.StreamID
}

// Respond sends a response with fields, each "name: value".
func (p *Peer) Respond(stream uint32, last bool, fields ...string) {
	p.block.Reset()
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		p.fields.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.block.Bytes(), EndStream: last, EndHeaders: true})
}

// AcceptStream responds to the next request with 200, and returns its stream.
func (p *Peer) AcceptStream() uint32 {
	id := p.NextRequest()
	p.Respond(id, false, ":status: 200")
	return id
}

// Drain reads until the connection ends.
func (p *Peer) Drain() { io.Copy(io.Discard, p.Conn) }
