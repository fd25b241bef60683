package dial

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"wsx/server/servertest"
	"wsx/test/http2peer"

	"golang.org/x/net/http2"
)

func TestHTTP2Failures(t *testing.T) {
	const refused = "upgrade ws://{address}/x: "
	fails := func(serve func(p *http2peer.Peer, id uint32)) func(net.Conn) {
		return serveHTTP2(func(p *http2peer.Peer) {
			serve(p, p.NextRequest())
			p.Drain()
		}, http2peer.ExtendedConnect)
	}
	for _, c := range []failureCase{
		{name: "without the setting", serve: serveHTTP2((*http2peer.Peer).Drain),
			message: refused + "the server supports HTTP/2, but not WebSocket over it (RFC 8441)", reason: HTTPVersionUnsupported},
		{name: "HTTP/1.1", serve: sendAtOnce("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"),
			message: refused + "the server answered in HTTP/1.1, not in HTTP/2", reason: AnsweredHTTP1},
		{name: "TLS", serve: sendAtOnce("\x15\x03\x01\x00\x02\x02\x46"),
			message: refused + "the server answered in TLS", reason: AnsweredTLS, facts: map[string]string{"secure": "wss://{address}/x"}},
		{name: "garbage", serve: sendAtOnce("220 mail ready\r\n"),
			message: refused + `the response is not HTTP: "220 mail ready\r\n"`, reason: NotHTTP, facts: map[string]string{"port": "{port}"}},
		{name: "closed", serve: readAndClose,
			message: refused + "the server closed the connection without an answer", reason: ExtendedClosed},
		{name: "silence", serve: neverRespond, o: Options{ConnectTimeout: shortTimeout}, kind: ConnectFailed,
			message: refused + "no answer within 100ms", reason: UpgradeTimeout},
		{name: "silence after the settings", serve: fails(func(*http2peer.Peer, uint32) {}), o: Options{ConnectTimeout: shortTimeout}, kind: ConnectFailed,
			message: refused + "no answer within 100ms", reason: UpgradeTimeout},
		{name: "closed after the request", serve: serveHTTP2(func(p *http2peer.Peer) { p.NextRequest() }, http2peer.ExtendedConnect),
			message: refused + "the server closed the connection without an answer", reason: ExtendedClosed},
		{name: "forbidden", serve: fails(func(p *http2peer.Peer, id uint32) {
			p.Respond(id, false, ":status: 403", "server: x", "x: y")
			p.WriteData(id, true, []byte("no"))
		}), message: refused + "403 Forbidden", reason: Forbidden, facts: map[string]string{"origin": "http://{address}"}},
		{name: "endless body", serve: fails(func(p *http2peer.Peer, id uint32) {
			p.Respond(id, false, ":status: 404")
			p.WriteData(id, false, make([]byte, 16<<10))
		}), message: refused + "404 Not Found: no WebSocket endpoint at this path?", reason: NotFound, facts: map[string]string{"path": "/x"}},
		{name: "not for CONNECT", serve: fails(func(p *http2peer.Peer, id uint32) { p.Respond(id, true, ":status: 405") }),
			message: refused + "405 Method Not Allowed", reason: NoExtendedConnect},
		{name: "redirect", serve: fails(func(p *http2peer.Peer, id uint32) { p.Respond(id, true, ":status: 302", "location: /y") }),
			message: refused + "302 Found", reason: Redirected, facts: map[string]string{"location": "/y"}},
		{name: "reset", serve: fails(func(p *http2peer.Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeRefusedStream) }),
			message: refused + "the server reset the stream: REFUSED_STREAM", reason: StreamBroken},
		{name: "go away", serve: fails(func(p *http2peer.Peer, _ uint32) { p.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("calm\x1b")) }),
			message: refused + `the server sent GOAWAY: ENHANCE_YOUR_CALM: "calm\x1b"`, reason: StreamBroken},
		{name: "no streams", serve: serveHTTP2((*http2peer.Peer).Drain, http2peer.ExtendedConnect, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0}),
			message: refused + "the server allows no more streams on this connection", reason: StreamBroken},
		{name: "another subprotocol", serve: fails(func(p *http2peer.Peer, id uint32) { p.Respond(id, false, ":status: 200", "sec-websocket-protocol: b") }),
			message: refused + `the server chose the subprotocol "b", but none was offered`, reason: WrongSubprotocol},
		{name: "another extension", serve: fails(func(p *http2peer.Peer, id uint32) {
			p.Respond(id, false, ":status: 200", "sec-websocket-extensions: x")
		}),
			message: refused + `the server chose the extension "x": extension "x" was not offered`, reason: WrongExtension},
		{name: "no status", serve: fails(func(p *http2peer.Peer, id uint32) { p.Respond(id, false, ":status: ok") }),
			message: refused + "the server violates HTTP/2: PROTOCOL_ERROR", reason: StreamBroken},
		{name: "wrong header name", serve: fails(func(p *http2peer.Peer, id uint32) { p.Respond(id, false, ":status: 200", "Upper: x") }),
			message: refused + `the server violates HTTP/2: invalid header field name "Upper"`, reason: StreamBroken},
		{name: "push", serve: fails(func(p *http2peer.Peer, id uint32) {
			p.WritePushPromise(http2.PushPromiseParam{StreamID: id, PromiseID: 2, BlockFragment: []byte{0x88}, EndHeaders: true})
		}), message: refused + "the server violates HTTP/2: PROTOCOL_ERROR", reason: StreamBroken},
		{name: "data before the response", serve: fails(func(p *http2peer.Peer, id uint32) { p.WriteData(id, false, []byte("x")) }),
			message: refused + "the server violates HTTP/2: PROTOCOL_ERROR", reason: StreamBroken},
		{name: "long header", serve: fails(func(p *http2peer.Peer, id uint32) { // each further line is one byte (RFC 7541, 6.1)
			p.Respond(id, false, append([]string{":status: 200"}, slices.Repeat([]string{"x: " + strings.Repeat("y", 1000)}, 300)...)...)
		}), message: refused + "the header of the response is longer than 256 KiB", reason: UpgradeFailed},
	} {
		c.o.HTTP, c.step = HTTP2, UpgradeStep
		c.run(t)
	}
}

func TestHTTP2NotNegotiated(t *testing.T) {
	ca := servertest.NewAuthority(t)
	certificates := []tls.Certificate{ca.Issue(false, nil)}
	for _, protocols := range [][]string{nil, {"http/1.1"}} {
		config := &tls.Config{Certificates: certificates, NextProtos: protocols}
		failureCase{
			name: fmt.Sprint(protocols), serve: behindTLS(config, neverRespond), url: "wss://{address}/x",
			o: Options{HTTP: HTTP2, CAFiles: []string{ca.File}}, step: UpgradeStep,
			message: "upgrade wss://{address}/x: the server does not support HTTP/2", reason: HTTPVersionUnsupported,
		}.run(t)
	}
}

// TestHTTP2Loss: a stream that ends inside a message is lost, however it ends.
func TestHTTP2Loss(t *testing.T) {
	for _, row := range []struct {
		name    string
		end     func(p *http2peer.Peer, id uint32)
		message string
	}{
		{"end of stream", func(p *http2peer.Peer, id uint32) { p.WriteData(id, true, nil) }, "unexpected EOF"},
		{"closed", func(p *http2peer.Peer, _ uint32) { p.Conn.Close() }, "unexpected EOF"},
		{"reset", func(p *http2peer.Peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeInternal) }, "the server reset the stream: INTERNAL_ERROR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			address := startServer(t, serveHTTP2(func(p *http2peer.Peer) {
				id := p.AcceptStream()
				p.WriteData(id, false, []byte("\x81\x05hel"))
				row.end(p, id)
				p.Drain()
			}, http2peer.ExtendedConnect))
			wantLoss(t, dialStream(t, "ws://"+address, Options{HTTP: HTTP2}), row.message)
		})
	}
}

// TestHTTP2Redirect: a redirect is followed on another connection, with the cookie it set.
func TestHTTP2Redirect(t *testing.T) {
	requests := make(chan string, 2)
	address := startServer(t, serveHTTP2(func(p *http2peer.Peer) {
		f, ok := http2peer.ReadUntil[*http2.MetaHeadersFrame](p, nil)
		if !ok {
			return
		}
		cookie := ""
		for _, field := range f.RegularFields() {
			if field.Name == "cookie" {
				cookie = field.Value
			}
		}
		requests <- f.PseudoValue("path") + " " + cookie
		if f.PseudoValue("path") == "/from" {
			p.Respond(f.StreamID, true, ":status: 307", "location: /to", "set-cookie: a=b; Path=/")
		} else {
			p.Respond(f.StreamID, false, ":status: 200")
		}
		p.Drain()
	}, http2peer.ExtendedConnect))
	up := dialStream(t, "ws://"+address+"/from", Options{HTTP: HTTP2, FollowRedirects: true})
	if first, second := await(t, requests), await(t, requests); first != "/from " || second != "/to a=b" {
		t.Errorf("requested %q, then %q", first, second)
	}
	if up.Handshake.URL != "ws://"+address+"/to" {
		t.Errorf("final URL %s", up.Handshake.URL)
	}
}

func TestHTTP2CancelledDial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := startServer(t, serveHTTP2(func(p *http2peer.Peer) {
		p.NextRequest()
		cancel()
		p.Drain()
	}, http2peer.ExtendedConnect))
	if _, err := connect(ctx, "ws://"+address, Options{HTTP: HTTP2}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// TestHTTP2StreamOutlivesDialContext: cancelling the context after Dial does not end the stream.
func TestHTTP2StreamOutlivesDialContext(t *testing.T) {
	address := startServer(t, serveHTTP2(func(p *http2peer.Peer) {
		id := p.AcceptStream()
		f, _ := http2peer.ReadUntil[*http2.DataFrame](p, nil)
		p.WriteData(id, true, f.Data())
		p.Drain()
	}, http2peer.ExtendedConnect))
	ctx, cancel := context.WithCancel(t.Context())
	up, err := connect(ctx, "ws://"+address, Options{HTTP: HTTP2})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stream.Close()
	cancel()
	io.WriteString(up.Stream, "hello")
	if received, err := io.ReadAll(up.Stream); string(received) != "hello" || err != nil {
		t.Errorf("received %q, %v", received, err)
	}
}

// TestHTTP2LongRequest: fields that do not fit a frame go into CONTINUATION frames.
func TestHTTP2LongRequest(t *testing.T) {
	long := strings.Repeat("x", 50000)
	got := make(chan string, 1)
	address := startServer(t, serveHTTP2(func(p *http2peer.Peer) {
		f, _ := http2peer.ReadUntil[*http2.MetaHeadersFrame](p, nil)
		for _, field := range f.RegularFields() {
			if field.Name == "long" {
				got <- field.Value
			}
		}
		p.Respond(f.StreamID, false, ":status: 100")
		p.Respond(f.StreamID, false, ":status: 200")
		p.Drain()
	}, http2peer.ExtendedConnect))
	up := dialStream(t, "ws://"+address, Options{HTTP: HTTP2, Header: []HeaderLine{{Name: "Long", Value: long}}})
	if await(t, got) != long {
		t.Error("the header did not arrive")
	}
	if up.Handshake.Status != 200 {
		t.Errorf("status %d", up.Handshake.Status)
	}
}

// TestSharedConn opens many streams on one connection.
func TestSharedConn(t *testing.T) {
	const streams, bytesEach = 100, 300_000
	address := startServer(t, echoHTTP2)
	c, err := NewSharedConn(t.Context(), "ws://"+address, Options{Subprotocols: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var streaming sync.WaitGroup
	for i := range streams {
		streaming.Go(func() {
			up, err := c.Dial(t.Context())
			if err != nil {
				t.Errorf("stream %d: %v", i, err)
				return
			}
			defer up.Stream.Close()
			sent := bytes.Repeat([]byte{byte(i)}, bytesEach)
			streaming.Go(func() {
				up.Stream.Write(sent)
				up.Stream.(interface{ CloseWrite() error }).CloseWrite()
			})
			if received, err := io.ReadAll(up.Stream); !bytes.Equal(received, sent) || err != nil {
				t.Errorf("stream %d: %d bytes, %v", i, len(received), err)
			}
		})
	}
	streaming.Wait()
	if _, err := c.Dial(t.Context()); err != nil {
		t.Errorf("after all have ended: %v", err)
	}
	c.Close()
	if _, err := c.Dial(t.Context()); err == nil {
		t.Error("opened on a closed connection")
	}
}

// echoHTTP2 sends back what it receives on each stream, and ignores the client's flow-control windows beyond the first.
func echoHTTP2(conn net.Conn) {
	p := http2peer.Accept(conn, http2peer.ExtendedConnect)
	if p == nil {
		return
	}
	p.WriteWindowUpdate(0, 1<<30)
	for {
		frame, err := p.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			p.Respond(f.StreamID, false, ":status: 200")
		case *http2.DataFrame:
			p.WriteData(f.StreamID, f.StreamEnded(), f.Data())
			if len(f.Data()) > 0 {
				p.WriteWindowUpdate(f.StreamID, uint32(len(f.Data())))
			}
		}
	}
}
