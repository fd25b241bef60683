package dial

import (
	"bytes"
	"io"
	"net"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Peer is a server of HTTP/2 made by hand: it does what a test says, and nothing else but keep the books of frames.
type http2Peer struct {
	*http2.Framer
	conn   net.Conn
	fields *hpack.Encoder
	block  bytes.Buffer
}

// extendedConnect is the setting that lets a client ask for WebSocket.
var extendedConnect = http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1}

// speaksHTTP2 is a server for stranger: it sends its settings and does what serve says.
func speaksHTTP2(serve func(*http2Peer), settings ...http2.Setting) func(net.Conn) {
	return func(conn net.Conn) {
		p := newHTTP2Peer(conn)
		if p == nil {
			return
		}
		p.WriteSettings(settings...)
		serve(p)
	}
}

// newHTTP2Peer reads the connection preface; nil = there was none.
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

// until reads to the next frame of a kind; false = the connection has ended.
func until[F http2.Frame](p *http2Peer, wanted func(F) bool) (F, bool) {
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

// asked reads to the next request, and returns its stream; 0 = none.
func (p *http2Peer) asked() uint32 {
	f, ok := until[*http2.MetaHeadersFrame](p, nil)
	if !ok {
		return 0
	}
	return f.StreamID
}

// answers sends a response with fields, each "name: value".
func (p *http2Peer) answers(stream uint32, last bool, fields ...string) {
	p.block.Reset()
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		p.fields.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.block.Bytes(), EndStream: last, EndHeaders: true})
}

// opens answers the next request with yes, and returns its stream.
func (p *http2Peer) opens() uint32 {
	id := p.asked()
	p.answers(id, false, ":status: 200")
	return id
}

// rest reads all that comes until the connection ends.
func (p *http2Peer) rest() { io.Copy(io.Discard, p.conn) }
