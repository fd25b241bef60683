package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"golang.org/x/net/http2/hpack"

	"wsx/http2"
)

// transport is a version of HTTP in which a WebSocket is opened by an extended CONNECT.
type transport struct {
	name    string
	options Options
	connect func(testing.TB, *Server) *extendedClient
}

func transports() []transport {
	secure := TLS{SelfSigned: true}
	return []transport{
		{"h2c", Options{HTTP2: true}, connectHTTP2},
		{"h2", Options{HTTP2: true, TLS: secure}, connectHTTP2},
		{"h3", Options{HTTP3: true, TLS: secure}, connectHTTP3},
	}
}

// extendedClient is a connection to a server, as the HTTP transport of the library's client: it sends an extended CONNECT for its
// upgrade request.
type extendedClient struct {
	scheme, host string
	connect      func(*http.Request) (*http.Response, io.ReadWriteCloser, error)
	get          http.RoundTripper
}

// dial opens a WebSocket on the connection.
func (c *extendedClient) dial(t testing.TB, path string, o websocket.DialOptions) *testClient {
	t.Helper()
	conn, response, err := c.tryDial(t, path, o)
	if err != nil {
		t.Fatalf("%v: %v", err, response)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	return &testClient{t, conn, testContext(t)}
}

func (c *extendedClient) tryDial(t testing.TB, path string, o websocket.DialOptions) (*websocket.Conn, *http.Response, error) {
	o.HTTPClient = &http.Client{Transport: c}
	return websocket.Dial(testContext(t), "ws://"+c.host+path, &o)
}

// RoundTrip sends an extended CONNECT, and returns the response as one to an upgrade request.
func (c *extendedClient) RoundTrip(r *http.Request) (*http.Response, error) {
	connect := &http.Request{Method: http.MethodConnect, Host: r.Host, Header: r.Header.Clone(),
		URL: &url.URL{Scheme: c.scheme, Host: c.host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}}
	for _, name := range []string{"Connection", "Upgrade", "Sec-Websocket-Key"} {
		connect.Header.Del(name)
	}
	response, stream, err := c.connect(connect)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	response.StatusCode, response.Body = http.StatusSwitchingProtocols, stream
	response.Header.Set("Connection", "Upgrade")
	response.Header.Set("Upgrade", "websocket")
	response.Header.Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
	return response, nil
}

// joined is a stream of a reader and a writer.
type joined struct {
	io.ReadCloser
	io.Writer
	close func() error
}

func (j joined) Close() error { return j.close() }

func connectHTTP2(t testing.TB, s *Server) *extendedClient {
	t.Helper()
	conn, scheme := dialHTTP2(t, s)
	return &extendedClient{
		scheme: scheme, host: s.Addr().String(),
		get: roundTrip(func(r *http.Request) (*http.Response, error) {
			response, stream, err := requestHTTP2(conn, r, "")
			if err == nil {
				stream.CloseWrite()
			}
			return response, err
		}),
		connect: func(r *http.Request) (*http.Response, io.ReadWriteCloser, error) {
			return requestHTTP2(conn, r, "websocket")
		},
	}
}

// dialHTTP2 connects to a server. The connection is closed at the end of the test.
func dialHTTP2(t testing.TB, s *Server) (conn *http2.Conn, scheme string) {
	t.Helper()
	raw, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	scheme = "http"
	if s.options.TLS.enabled() {
		scheme = "https"
		raw = tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	}
	conn = http2.NewClient(raw)
	t.Cleanup(func() { conn.Close() })
	if err := conn.Ready(testContext(t)); err != nil {
		t.Fatal(err)
	}
	return conn, scheme
}

// requestHTTP2 sends a request, an extended CONNECT if it has a protocol, and waits for the response.
func requestHTTP2(conn *http2.Conn, r *http.Request, protocol string) (*http.Response, *http2.Stream, error) {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: r.Method}, {Name: ":scheme", Value: r.URL.Scheme},
		{Name: ":path", Value: r.URL.RequestURI()}, {Name: ":authority", Value: cmp.Or(r.Host, r.URL.Host)},
	}
	if protocol != "" {
		fields = append(fields, hpack.HeaderField{Name: ":protocol", Value: protocol})
	}
	for name, values := range r.Header {
		for _, value := range values {
			fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: value})
		}
	}
	stream, err := conn.Open(fields)
	if err != nil {
		return nil, nil, err
	}
	got, err := stream.Response(r.Context())
	if err != nil {
		return nil, nil, err
	}
	response := &http.Response{ProtoMajor: 2, Header: http.Header{}, Body: stream}
	for _, field := range got {
		if field.Name == ":status" {
			response.StatusCode, _ = strconv.Atoi(field.Value)
			continue
		}
		response.Header.Add(field.Name, field.Value)
	}
	return response, stream, nil
}

func connectHTTP3(t testing.TB, s *Server) *extendedClient {
	t.Helper()
	transport := &http3.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(func() { transport.Close() })
	var client *http3.ClientConn
	get := roundTrip(func(r *http.Request) (*http.Response, error) { return transport.RoundTrip(r) })
	return &extendedClient{scheme: "https", host: s.Addr().String(), get: get, connect: func(r *http.Request) (*http.Response, io.ReadWriteCloser, error) {
		if client == nil {
			client = dialHTTP3(t, s)
		}
		r.Proto = "websocket"
		stream, err := client.OpenRequestStream(context.Background())
		if err == nil {
			err = stream.SendRequestHeader(r)
		}
		if err != nil {
			return nil, nil, err
		}
		response, err := stream.ReadResponse()
		return response, joined{io.NopCloser(stream), stream, func() error {
			stream.CancelRead(0x100)
			stream.Close() // fails if the server reads no more
			return nil
		}}, err
	}}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func dialHTTP3(t testing.TB, s *Server) *http3.ClientConn {
	t.Helper()
	conn, err := quic.DialAddr(testContext(t), s.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h3"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseWithError(0x100, "") })
	client := new(http3.Transport).NewClientConn(conn)
	<-client.ReceivedSettings()
	if !client.Settings().EnableExtendedConnect {
		t.Fatal("the server does not allow an extended CONNECT")
	}
	return client
}

// TestExtendedConnectBehaviours runs the behaviours on streams of HTTP/2 and HTTP/3.
func TestExtendedConnectBehaviours(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			t.Run("echo", func(t *testing.T) { testExtendedEcho(t, tr) })
			t.Run("clock", func(t *testing.T) {
				o := tr.options
				o.Behaviour, o.Now = "clock", atNoon
				tr.connect(t, serve(t, o)).dial(t, "/", websocket.DialOptions{}).expect(noon.Format(time.RFC3339))
			})
			t.Run("chat", func(t *testing.T) { testExtendedChat(t, tr) })
		})
	}
}

func testExtendedEcho(t *testing.T, tr transport) {
	o := tr.options
	o.Subprotocols = []string{"b"}
	c := tr.connect(t, serve(t, o)).dial(t, "/", websocket.DialOptions{
		Subprotocols: []string{"a", "b"}, CompressionMode: websocket.CompressionContextTakeover})
	if got := c.Subprotocol(); got != "b" {
		t.Errorf("the subprotocol is %q", got)
	}
	for _, size := range []int{0, 1, 125, 126, 65535, 65536, 3 << 20} {
		message := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		if err := c.Write(c.ctx, websocket.MessageBinary, message); err != nil {
			t.Fatal(err)
		}
		if typ, got, err := c.Read(c.ctx); err != nil || typ != websocket.MessageBinary || !bytes.Equal(got, message) {
			t.Fatalf("%d bytes are echoed as %d of type %v: %v", size, len(got), typ, err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Errorf("close: %v", err)
	}
}

func testExtendedChat(t *testing.T, tr transport) {
	o := tr.options
	o.Behaviour = "chat"
	s := serve(t, o)
	shared := tr.connect(t, s)
	ann := shared.dial(t, "/?name=ann", websocket.DialOptions{})
	ann.expect("Welcome ann.")
	ann.expect("ann joined.")
	bob := shared.dial(t, "/?name=bob", websocket.DialOptions{})
	bob.expect("Welcome bob.")
	bob.expect("bob joined.")
	ann.expect("bob joined.")
	bob.send("hello")
	ann.expect("bob says: hello")
	bob.CloseNow()
	ann.expect("bob left.")
}

func TestExtendedConnectRefusals(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			c := tr.connect(t, serve(t, tr.options))
			_, response, err := c.tryDial(t, "/", websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://example.com"}}})
			if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
				t.Errorf("a page of another site: %v, %v", response, err)
			}
			plain := &http.Request{Method: http.MethodConnect, Host: "x", Header: http.Header{}, URL: &url.URL{Scheme: c.scheme, Host: c.host, Path: "/"}}
			plain.Header.Set("Sec-WebSocket-Version", "8")
			if response, _, err := c.connect(plain); err != nil || response.StatusCode != http.StatusBadRequest || response.Header.Get("Sec-WebSocket-Version") != "13" {
				t.Errorf("version 8: %v, %v", response, err)
			}
		})
	}
}

// TestExtendedConnectHandler: a handler serves instead of a behaviour, and may reset a stream before and after its response.
func TestExtendedConnectHandler(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			tr.options.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				late := r.URL.Path == "/late"
				if late {
					w.WriteHeader(http.StatusSwitchingProtocols)
				}
				stream, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				if late {
					stream.Read(make([]byte, 1))
				}
				stream.(interface{ Reset() }).Reset()
				stream.Close()
			})
			c := tr.connect(t, serve(t, tr.options))
			if _, response, err := c.tryDial(t, "/", websocket.DialOptions{}); err == nil || response != nil {
				t.Errorf("response %v, %v", response, err)
			}
			conn, _, err := c.tryDial(t, "/late", websocket.DialOptions{})
			if err != nil {
				t.Fatal(err)
			}
			conn.Write(testContext(t), websocket.MessageText, []byte("hello"))
			if _, _, err := conn.Read(testContext(t)); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("not reset: %v", err)
			}
		})
	}
}

func TestExtendedConnectPage(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			c := tr.connect(t, serve(t, tr.options))
			for _, row := range []struct {
				method, path string
				status       int
				body         string
			}{
				{http.MethodGet, "/", 200, "<html"},
				{http.MethodHead, "/", 200, ""},
				{http.MethodGet, "/else", 426, "this address is a WebSocket endpoint"},
				{http.MethodPost, "/", 405, "only GET"},
			} {
				request, _ := http.NewRequestWithContext(testContext(t), row.method, c.scheme+"://"+c.host+row.path, nil)
				response, err := c.get.RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				if err != nil || response.StatusCode != row.status || !strings.Contains(string(body), row.body) || row.body == "" && len(body) > 0 {
					t.Errorf("%s %s: %d %q (%v)", row.method, row.path, response.StatusCode, body, err)
				}
				if response.Header.Get("Connection") != "" {
					t.Errorf("%s %s has a header of HTTP/1.1: %v", row.method, row.path, response.Header)
				}
			}
		})
	}
}

func TestExtendedConnectShutdown(t *testing.T) {
	t.Parallel()
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			s := serve(t, tr.options)
			shared := tr.connect(t, s)
			clients := []*testClient{shared.dial(t, "/", websocket.DialOptions{}), shared.dial(t, "/", websocket.DialOptions{})}
			down := make(chan struct{})
			go func() {
				defer close(down)
				shutdown(t, s)
			}()
			for _, c := range clients {
				c.expectClose(websocket.StatusGoingAway)
			}
			<-down
		})
	}
}

func TestExtendedConnectShutdownTimeout(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			s := serve(t, tr.options)
			c := tr.connect(t, s).dial(t, "/", websocket.DialOptions{})
			c.send("here")
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err := s.Shutdown(ctx); err != context.Canceled {
				t.Errorf("shut down: %v, want context canceled", err)
			}
		})
	}
}

// TestExtendedConnectBackpressure: the server stops reading from a client that sends and does not read.
func TestExtendedConnectBackpressure(t *testing.T) {
	t.Parallel()
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			c := tr.connect(t, serve(t, tr.options)).dial(t, "/", websocket.DialOptions{})
			const maxSent = 128 << 20
			message := bytes.Repeat([]byte("x"), 1<<20)
			sent := make(chan int)
			go func() { // ends when the connection does
				n := 0
				for n < maxSent && c.Write(c.ctx, websocket.MessageBinary, message) == nil {
					n += len(message)
					sent <- n
				}
				close(sent)
			}()
			n, blocked := 0, false
			for !blocked && n < maxSent {
				select {
				case n = <-sent:
				case <-time.After(500 * time.Millisecond):
					blocked = true
				}
			}
			if !blocked {
				t.Errorf("the server received %d bytes from a client that does not read", n)
			}
			for range n >> 20 {
				if _, _, err := c.Read(c.ctx); err != nil {
					t.Fatalf("no echo: %v", err)
				}
				select {
				case <-sent:
				default:
				}
			}
			c.CloseNow()
			for range sent {
			}
		})
	}
}

// TestExtendedConnectChatEvictsStalledMember: a member that does not read is noticed by its full window.
func TestExtendedConnectChatEvictsStalledMember(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) {
			o := tr.options
			o.Behaviour, o.stall, o.NoCompress = "chat", time.Hour, true
			s := serve(t, o)
			tr.connect(t, s).dial(t, "/?name=silent", websocket.DialOptions{}).expect("Welcome silent.")
			setStall(s, 1, 100*time.Millisecond)
			ann := tr.connect(t, s).dial(t, "/?name=ann", websocket.DialOptions{})
			ann.expect("Welcome ann.")
			ann.expect("ann joined.")
			const size = 1 << 18
			text := strings.Repeat("x", size)
			hasLeft := false
			for range (64 << 20) / size {
				if hasLeft {
					break
				}
				ann.send(text)
				for len(ann.receiveOrMatch(&hasLeft, "silent left.")) < size {
				}
			}
			if !hasLeft {
				ann.expect("silent left.")
			}
		})
	}
}

func TestHTTP3RequiresTLS(t *testing.T) {
	if s, err := Listen(t.Context(), Options{Addr: "127.0.0.1:0", HTTP3: true}); err == nil {
		shutdown(t, s)
		t.Error("HTTP/3 is served without TLS")
	} else if want := "HTTP/3 needs TLS: give a certificate, or have one generated"; err.Error() != want {
		t.Errorf("refused with %q, want %q", err, want)
	}
}
