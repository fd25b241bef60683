package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// peer is another implementation of WebSocket at the other end of the stream.
type peer interface {
	// send sends a message or control frame; a message in fragments of about size bytes, 0 = in one.
	send(m received, size int) error
	// receive returns the next message.
	receive() (received, error)
	// closed waits for our Close frame, answers it, and returns its code and reason.
	closed() (code int, reason string, err error)
}

// coderPeer is github.com/coder/websocket.
type coderPeer struct{ c *websocket.Conn }

func (p coderPeer) send(m received, size int) error {
	if m.op.control() {
		return nil // the library cannot send one
	}
	if size == 0 {
		return p.c.Write(context.Background(), websocket.MessageType(m.op), []byte(m.payload))
	}
	w, err := p.c.Writer(context.Background(), websocket.MessageType(m.op))
	if err != nil {
		return err
	}
	for rest := m.payload; len(rest) > 0; {
		n := min(size, len(rest))
		if _, err := io.WriteString(w, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return w.Close()
}

func (p coderPeer) receive() (received, error) {
	op, b, err := p.c.Read(context.Background())
	return received{Opcode(op), string(b)}, err
}

func (p coderPeer) closed() (int, string, error) {
	_, _, err := p.c.Read(context.Background())
	if e, ok := errors.AsType[websocket.CloseError](err); ok {
		return int(e.Code), e.Reason, nil
	}
	return 0, "", err
}

// gobwasPeer is github.com/gobwas/ws, on its frames. It compresses without context takeover, as that library has none.
type gobwasPeer struct {
	stream     net.Conn
	state      ws.State
	compressed bool
}

func (p gobwasPeer) send(m received, size int) error {
	op, rest := ws.OpCode(m.op), []byte(m.payload)
	compressed := p.compressed && !m.op.control()
	if compressed {
		var err error
		if rest, err = wsflate.DefaultHelper.Compress(rest); err != nil {
			return err
		}
	}
	for first := true; first || len(rest) > 0; first = false {
		part := rest
		if size > 0 {
			part = rest[:min(size, len(rest))]
		}
		rest = rest[len(part):]
		f := ws.NewFrame(op, len(rest) == 0, bytes.Clone(part))
		f.Header.Rsv = ws.Rsv(compressed && first, false, false)
		if p.state.ClientSide() {
			f = ws.MaskFrameInPlace(f)
		}
		if err := ws.WriteFrame(p.stream, f); err != nil {
			return err
		}
		op = ws.OpContinuation
	}
	return nil
}

func (p gobwasPeer) frame(state ws.State) (ws.Frame, error) {
	h, err := ws.ReadHeader(p.stream)
	if err != nil {
		return ws.Frame{}, err
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return ws.Frame{}, err
	}
	f := ws.Frame{Header: h, Payload: make([]byte, h.Length)}
	if _, err := io.ReadFull(p.stream, f.Payload); err != nil {
		return f, err
	}
	if h.Masked {
		ws.Cipher(f.Payload, h.Mask, 0)
	}
	return f, nil
}

func (p gobwasPeer) receive() (received, error) {
	var m received
	state, compressed := p.state, false
	if p.compressed {
		state = state.Set(ws.StateExtended)
	}
	for {
		f, err := p.frame(state)
		if err != nil {
			return m, err
		}
		op := Opcode(f.Header.OpCode)
		if op.control() {
			continue
		}
		if op != Continuation {
			m.op, compressed = op, f.Header.Rsv1()
		}
		m.payload += string(f.Payload)
		if f.Header.Fin && compressed {
			whole, err := wsflate.DefaultHelper.Decompress([]byte(m.payload))
			return received{m.op, string(whole)}, err
		}
		if f.Header.Fin {
			return m, nil
		}
		state = state.Set(ws.StateFragmented)
	}
}

func (p gobwasPeer) closed() (int, string, error) {
	f, err := p.frame(p.state)
	for err == nil && f.Header.OpCode != ws.OpClose { // pongs
		f, err = p.frame(p.state)
	}
	if err != nil {
		return 0, "", err
	}
	code, reason := ws.ParseCloseFrameData(f.Payload)
	return int(code), reason, p.send(received{Close, string(f.Payload)}, 0)
}

// buffered is a stream that begins with bytes in a buffer.
type buffered struct {
	io.Reader
	net.Conn
}

func (b buffered) Read(p []byte) (int, error) { return b.Reader.Read(p) }

// coderServer returns our client connected to coder's server.
func coderServer(t *testing.T, mode websocket.CompressionMode) (*Conn, peer) {
	accepted := make(chan *websocket.Conn, 1)
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: mode, CompressionThreshold: 64})
		if err != nil {
			t.Error(err)
		}
		accepted <- c
		<-done
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(done) })
	stream, err := net.Dial("tcp", server.Listener.Addr().String())
	must(t, err)
	fmt.Fprintf(stream, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: %s\r\n\r\n", Offer())
	reader := bufio.NewReader(stream)
	r, err := http.ReadResponse(reader, nil)
	must(t, err)
	d, err := ParseDeflate(r.Header.Values("Sec-WebSocket-Extensions"))
	must(t, err)
	if (d != nil) != (mode != websocket.CompressionDisabled) {
		t.Fatalf("agreed on %v", d)
	}
	c := NewConn(buffered{reader, stream}, Options{Deflate: d})
	p := <-accepted
	p.SetReadLimit(-1)
	return c, coderPeer{p}
}

// coderClient returns our server connected to coder's client.
func coderClient(t *testing.T, mode websocket.CompressionMode) (*Conn, peer) {
	accepted := make(chan *Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := Accept(r.Header.Values("Sec-WebSocket-Extensions"))
		stream, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n",
			acceptKey(r.Header.Get("Sec-WebSocket-Key")))
		if d != nil {
			fmt.Fprintf(stream, "Sec-WebSocket-Extensions: %v\r\n", d)
		}
		io.WriteString(stream, "\r\n")
		accepted <- NewConn(buffered{rw, stream}, Options{Server: true, Deflate: d})
	}))
	t.Cleanup(server.Close)
	p, _, err := websocket.Dial(context.Background(), server.URL, &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 64})
	must(t, err)
	p.SetReadLimit(-1)
	return <-accepted, coderPeer{p}
}

// acceptKey returns Sec-WebSocket-Accept (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func gobwas(server, compressed bool) (*Conn, peer) {
	near, far := net.Pipe()
	state := ws.StateClientSide
	if !server {
		state = ws.StateServerSide
	}
	var agreed *Deflate
	if compressed {
		agreed = &Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true}
	}
	return NewConn(near, Options{Server: server, Deflate: agreed}), gobwasPeer{far, state, compressed}
}

// randomMessages returns what one side sends, and the sizes of its fragments.
func randomMessages(r *rand.Rand) (all []received, sizes []int) {
	lengths := []int{0, 1, 10, 125, 126, 127, 128, 1000, 5000, 65535, 65536, 70000, 200000}
	for range 5 + r.IntN(20) {
		n := lengths[r.IntN(len(lengths))]
		n = max(0, n+r.IntN(5)-2)
		m := received{op: Opcode(1 + r.IntN(2))}
		if r.IntN(6) == 0 {
			m.op, n = Ping, min(n, MaxControl)
		}
		m.payload = string(payload(m.op, n))
		if m.op == Binary && r.IntN(2) == 0 {
			noise := make([]byte, n)
			for i := range noise {
				noise[i] = byte(r.Uint32())
			}
			m.payload = string(noise)
		}
		size := 0
		if !m.op.control() && r.IntN(2) == 0 {
			size = 1 + r.IntN(1+n)
		}
		all, sizes = append(all, m), append(sizes, size)
	}
	return append(all, received{Text, "end"}), append(sizes, 0) // so that no control frame is the last
}

// dataMessages returns all but the control frames.
func dataMessages(all []received) (messages []received) {
	for _, m := range all {
		if !m.op.control() {
			messages = append(messages, m)
		}
	}
	return messages
}

func sendOurs(c *Conn, all []received, sizes []int) error {
	for i, m := range all {
		var err error
		rest := []byte(m.payload)
		switch {
		case m.op.control():
			err = c.WriteControl(m.op, rest)
		case sizes[i] == 0:
			err = c.WriteMessage(m.op, rest)
		default:
			for first := true; err == nil && (first || len(rest) > 0); first = false {
				part := rest[:min(sizes[i], len(rest))]
				rest = rest[len(part):]
				err = c.WriteFragment(m.op, part, first, len(rest) == 0)
			}
		}
		if err != nil {
			return err
		}
	}
	return c.Flush()
}

// receiveOurs receives n messages, and answers the pings between them.
func receiveOurs(c *Conn, n int) (messages []received, err error) {
	var m []byte
	for len(messages) < n {
		p, err := c.Next()
		if err != nil {
			return messages, err
		}
		if p.Opcode == Ping {
			c.QueueControl(Pong, p.Payload)
		}
		if p.Opcode.control() {
			continue
		}
		m = append(m, p.Payload...)
		if p.Last {
			messages = append(messages, received{p.Opcode, string(m)})
			m = nil
		}
	}
	return messages, nil
}

func receiveTheirs(p peer, n int) (messages []received, err error) {
	for len(messages) < n {
		m, err := p.receive()
		if err != nil {
			return messages, err
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// exchange sends from both sides at the same time, compares what each received, and closes the connection.
func exchange(t *testing.T, seed uint64, c *Conn, p peer) {
	ours, sizes := randomMessages(rand.New(rand.NewPCG(seed, 1)))
	theirs, theirSizes := randomMessages(rand.New(rand.NewPCG(seed, 2)))
	type result struct {
		messages []received
		err      error
	}
	sent, ourReceived, peerReceived := make(chan error, 2), make(chan result, 1), make(chan result, 1)
	go func() { sent <- sendOurs(c, ours, sizes) }()
	go func() {
		for i, m := range theirs {
			if err := p.send(m, theirSizes[i]); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	go func() { m, err := receiveTheirs(p, len(dataMessages(ours))); peerReceived <- result{m, err} }()
	go func() { m, err := receiveOurs(c, len(dataMessages(theirs))); ourReceived <- result{m, err} }()
	for what, pair := range map[string]struct {
		got  result
		want []received
	}{"the peer": {<-peerReceived, dataMessages(ours)}, "we": {<-ourReceived, dataMessages(theirs)}} {
		if pair.got.err != nil || !equal(pair.got.messages, pair.want) {
			t.Fatalf("%s received %d of %d messages, or others, %v", what, len(pair.got.messages), len(pair.want), pair.got.err)
		}
	}
	closeBoth(t, c, p) // first: our Flush may have to wait until the peer reads
	must(t, errors.Join(<-sent, <-sent))
	must(t, c.Close())
}

func closeBoth(t *testing.T, c *Conn, p peer) {
	done := make(chan error, 1)
	go func() {
		code, reason, err := p.closed()
		if code != 3000 || reason != "tschüß" {
			err = fmt.Errorf("the peer received close %d %q: %w", code, reason, err)
		}
		done <- err
	}()
	must(t, c.WriteControl(Close, ClosePayload(3000, "tschüß")))
	must(t, c.Flush())
	for {
		m, err := c.Next()
		must(t, err)
		if m.Opcode != Close {
			continue
		}
		if code, reason := ParseClose(m.Payload); code != 3000 || string(reason) != "tschüß" {
			t.Fatalf("we received close %d %q", code, reason)
		}
		break
	}
	must(t, <-done)
}

// TestOtherImplementations runs random sessions with other implementations, in both roles, with and without compression.
func TestOtherImplementations(t *testing.T) {
	pairs := map[string]func(*testing.T) (*Conn, peer){
		"gobwas client plain":       func(*testing.T) (*Conn, peer) { return gobwas(true, false) },
		"gobwas client no takeover": func(*testing.T) (*Conn, peer) { return gobwas(true, true) },
		"gobwas server plain":       func(*testing.T) (*Conn, peer) { return gobwas(false, false) },
		"gobwas server no takeover": func(*testing.T) (*Conn, peer) { return gobwas(false, true) },
	}
	for name, mode := range map[string]websocket.CompressionMode{
		"plain": websocket.CompressionDisabled, "takeover": websocket.CompressionContextTakeover,
		"no takeover": websocket.CompressionNoContextTakeover,
	} {
		pairs["coder server "+name] = func(t *testing.T) (*Conn, peer) { return coderServer(t, mode) }
		pairs["coder client "+name] = func(t *testing.T) (*Conn, peer) { return coderClient(t, mode) }
	}
	for name, pair := range pairs {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				c, p := pair(t)
				exchange(t, seed, c, p)
			})
		}
	}
}
