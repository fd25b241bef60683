package dial

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wsx/client/wire"
	"wsx/server"
)

// transport is a version of HTTP in which a WebSocket is opened by an extended CONNECT.
type transport struct {
	name string
	http string // of Handshake.HTTP
	o    Options
}

func transports() []transport {
	return []transport{
		{"h2c", "HTTP/2.0", Options{HTTP: HTTP2}},
		{"h2", "HTTP/2.0", Options{HTTP: HTTP2}},
		{"h3", "HTTP/3.0", Options{HTTP: HTTP3}},
	}
}

// startServer starts a server that speaks this version, and trusts its certificate.
func (c *transport) startServer(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Addr, o.HTTP2, o.HTTP3 = "127.0.0.1:0", true, c.name == "h3"
	if c.name != "h2c" {
		o.TLS = server.TLS{SelfSigned: true, Out: filepath.Join(t.TempDir(), "cert.pem")}
		c.o.CAFiles = []string{o.TLS.Out}
	}
	s, err := server.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s
}

// TestExtendedConnectMessages exchanges messages of all sizes over each version of HTTP.
func TestExtendedConnectMessages(t *testing.T) {
	for _, tr := range transports() {
		for _, uncompressed := range []bool{false, true} {
			t.Run(fmt.Sprint(tr.name, " uncompressed ", uncompressed), func(t *testing.T) {
				s := tr.startServer(t, server.Options{Subprotocols: []string{"b"}})
				o := tr.o
				o.Subprotocols, o.NoCompress = []string{"a", "b"}, uncompressed
				exchangeMessages(t, s.URL()+"x?y=z", o, tr)
			})
		}
	}
}

func exchangeMessages(t *testing.T, url string, o Options, tr transport) {
	up := dialStream(t, url, o)
	conn := wire.NewConn(up.Stream, wire.Options{Deflate: up.Deflate})
	for _, length := range []int{0, 1, 125, 126, 65535, 65536, 3 << 20} {
		sent := make(chan error, 1)
		go func() {
			conn.WriteMessage(wire.Text, []byte(strings.Repeat("0123456789abcdef", length/16+1)[:length]))
			sent <- conn.Flush()
		}()
		if got, _ := nextMessage(t, conn); got != length {
			t.Fatalf("%d bytes were echoed as %d", length, got)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	conn.QueueControl(wire.Ping, []byte("still reading"))
	if got, op := nextMessage(t, conn); got != 13 || op != wire.Pong {
		t.Errorf("ping answered with a %s of %d bytes", op, got)
	}
	conn.QueueControl(wire.Close, wire.ClosePayload(1000, "bye"))
	if _, op := nextMessage(t, conn); op != wire.Close {
		t.Errorf("Close answered with %s", op)
	}
	checkHandshake(t, up.Handshake, tr, o)
}

// nextMessage reads a whole message or a control frame, and returns its size in bytes.
func nextMessage(t *testing.T, conn *wire.Conn) (size int, op wire.Opcode) {
	t.Helper()
	for {
		p, err := conn.Next()
		if err != nil {
			t.Fatal(err)
		}
		if size += len(p.Payload); p.Last {
			return size, p.Opcode
		}
	}
}

// checkHandshake checks the facts that -v shows.
func checkHandshake(t *testing.T, h *Handshake, tr transport, o Options) {
	t.Helper()
	compressed := strings.HasPrefix(h.Extensions, "permessage-deflate")
	if h.HTTP != tr.http || h.Status != 200 || h.Subprotocol != "b" || compressed == o.NoCompress {
		t.Errorf("handshake: %+v", h)
	}
	if (h.TLS != nil) != (tr.name != "h2c") || h.Timing.Upgrade == 0 || h.Timing.Connect == 0 {
		t.Errorf("TLS %v, timing %v", h.TLS, h.Timing)
	}
	if h.TLS != nil && (h.TLS.NegotiatedProtocol != tr.o.HTTP.alpn() || len(h.TLS.PeerCertificates) != 1) {
		t.Errorf("TLS: %+v", h.TLS)
	}
	for _, address := range []string{h.Local, h.Remote} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			t.Errorf("addresses %q, %q", h.Local, h.Remote)
		}
	}
	for _, line := range []string{":method: CONNECT", ":protocol: websocket", ":path: /x?y=z", "sec-websocket-version: 13", "sec-websocket-protocol: a, b", "user-agent: wsx"} {
		if !slices.Contains(h.Request, line) {
			t.Errorf("the request has no line %q: %q", line, h.Request)
		}
	}
	if !slices.Contains(h.Response, ":status: 200") || !slices.Contains(h.Response, "sec-websocket-protocol: b") {
		t.Errorf("response: %q", h.Response)
	}
	for _, line := range h.Request {
		if name, _, _ := strings.Cut(line, ": "); slices.Contains([]string{"upgrade", "connection", "sec-websocket-key"}, name) {
			t.Errorf("a line of HTTP/1.1: %q", line)
		}
	}
}

func TestExtendedConnectRefusal(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			s := tr.startServer(t, server.Options{})
			o := tr.o
			o.Origin = "http://example.com"
			failed := dialFails(t, s.URL(), o)
			if failed.Kind != HandshakeFailed || failed.Step != UpgradeStep || failed.Why != "403 Forbidden" || failed.Reason != ForbiddenOrigin {
				t.Errorf("%v, %s", failed, failed.Reason)
			}
			if r := failed.Refusal; r == nil || r.Status != 403 || r.StatusLine != tr.http+" 403 Forbidden" || !strings.Contains(string(r.Body), "not authorized") {
				t.Errorf("refusal: %+v", failed.Refusal)
			}
		})
	}
}

// TestExtendedConnectRequest: the options are sent, and secrets are not shown.
func TestExtendedConnectRequest(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			s := tr.startServer(t, server.Options{})
			o := tr.o
			o.User, o.Cookies, o.Host, o.UserAgent = "me:pass", []string{"a=secret"}, "other.example", "agent"
			o.Header = []HeaderLine{{Name: "X-Twice", Value: "1"}, {Name: "X-Twice", Value: "2"}, {Name: "Keep-Alive", Value: "x"}}
			for _, show := range []bool{false, true} {
				o.ShowSecrets = show
				request := strings.Join(dialStream(t, s.URL(), o).Handshake.Request, "\n")
				for _, line := range []string{":authority: other.example", "user-agent: agent", "x-twice: 1\nx-twice: 2"} {
					if !strings.Contains(request, line) {
						t.Errorf("there is no %q in %s", line, request)
					}
				}
				if strings.Contains(request, "a=secret") != show || strings.Contains(request, "bWU6cGFzcw==") != show || strings.Contains(request, "keep-alive") {
					t.Errorf("shown %v: %s", show, request)
				}
			}
		})
	}
}

// TestExtendedConnectClose: the answer to the server's Close ends the stream.
func TestExtendedConnectClose(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			server := tr.startServer(t, server.Options{})
			up := dialStream(t, server.URL(), tr.o)
			conn := wire.NewConn(up.Stream, wire.Options{Deflate: up.Deflate})
			go server.Shutdown(context.Background())
			p, err := conn.Next()
			if code, reason := wire.ParseClose(p.Payload); err != nil || p.Opcode != wire.Close || code != 1001 {
				t.Errorf("%v, %s %d %q", err, p.Opcode, code, reason)
			}
			conn.QueueControl(wire.Close, p.Payload)
			if _, err := conn.Next(); err != io.EOF {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

// TestExtendedConnectResolve: with a given address the certificate is still verified for the name.
func TestExtendedConnectResolve(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			s := tr.startServer(t, server.Options{})
			_, port, _ := net.SplitHostPort(s.Addr().String())
			scheme, _, _ := strings.Cut(s.URL(), ":")
			o := tr.o
			o.Resolve = []string{"localhost:" + port + ":127.0.0.1"}
			up := dialStream(t, scheme+"://localhost:"+port, o)
			if up.Handshake.Remote != s.Addr().String() {
				t.Errorf("connected to %s", up.Handshake.Remote)
			}
			o.Resolve, o.IPv6Only = nil, true
			failed := dialFails(t, scheme+"://127.0.0.1:"+port, o)
			if failed.Kind != ConnectFailed || failed.Step != NameStep || failed.Why != "it has no IPv6 address" {
				t.Errorf("IPv6 only: %v", failed)
			}
		})
	}
}

// wantLoss fails the test unless it reads the first part of a message, "hel", and then an error whose text ends with message.
func wantLoss(t *testing.T, up *Conn, message string) { wantLossAfter(t, up, message, func() {}) }

// wantLossAfter is wantLoss with a function that is called between the two.
func wantLossAfter(t *testing.T, up *Conn, message string, received func()) {
	t.Helper()
	conn := wire.NewConn(up.Stream, wire.Options{Deflate: up.Deflate})
	p, err := conn.Next()
	if err != nil || string(p.Payload) != "hel" || !p.First || p.Last {
		t.Errorf("first %q, %v", p.Payload, err)
	}
	received()
	if _, err := conn.Next(); err == nil || !strings.HasSuffix(err.Error(), message) {
		t.Errorf("ended with %v, wanted %q", err, message)
	}
}
