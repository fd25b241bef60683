package dial

import (
	"bytes"
	"io"
	"net"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Peer is an HTTP/2 server of which a test sends each frame.
type http2Peer struct {
	*http2.Framer
	conn   net.Conn
	fields *hpack.Encoder
	block  bytes.Buffer
}

// extendedConnect is the setting that allows clients an extended CONNECT.
var extendedConnect = http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1}

// serveHTTP2 returns a function for startServer that sends settings, then calls serve.
func serveHTTP2(serve func(*http2Peer), settings ...http2.Setting) func(net.Conn) {
	return func(conn net.Conn) {
		p := newHTTP2Peer(conn)
		if p == nil {
			return
		}
		p.WriteSettings(settings...)
		serve(p)
	}
}

// newHTTP2Peer reads the connection preface; nil = it was not sent.
func newHTTP2Peer(conn net.Conn) *http2Peer {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil || string(preface) != http2.ClientPreface {
		return nil
	}
	p := &http2Peer{Framer: http2.NewFramer(conn, conn), conn: conn}
	p.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	p.fields = hpack.NewEncoder(&p.block)
	return p
}

// readUntil reads to the next frame of a type; false = the connection has ended.
func readUntil[F http2.Frame](p *http2Peer, wanted func(F) bool) (F, bool) {
	for {
		frame, err := p.ReadFrame()
		if err != nil {
			var none F
			return none, false
		}
		if f, ok := frame.(F); ok && (wanted == nil || wanted(f)) {
			return f, true
		}
	}
}

// nextRequest reads to the next request, and returns its stream; 0 = none.
func (p *http2Peer) nextRequest() uint32 {
	f, ok := readUntil[*http2.MetaHeadersFrame](p, nil)
	if !ok {
		return 0
	}
	return f.StreamID
}

// respond sends a response with fields, each "name: value".
func (p *http2Peer) respond(stream uint32, last bool, fields ...string) {
	p.block.Reset()
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		p.fields.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.block.Bytes(), EndStream: last, EndHeaders: true})
}

// acceptStream responds to the next request with 200, and returns its stream.
func (p *http2Peer) acceptStream() uint32 {
	id := p.nextRequest()
	p.respond(id, false, ":status: 200")
	return id
}

// drain reads until the connection ends.
func (p *http2Peer) drain() { io.Copy(io.Discard, p.conn) }
