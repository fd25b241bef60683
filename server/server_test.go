package server

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"wsx/errno"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveAlone) != "" {
		serveUntilInputEnds()
		return
	}
	flag.Set("test.parallel", "16") // many tests wait for a timeout
	goleak.VerifyTestMain(m)
}

// testTimeout bounds what a test waits for; a passing test does not take that long.
const testTimeout = 120 * time.Second

// serve starts a server on a free port and shuts it down at the end of the test.
func serve(t testing.TB, o Options) *Server {
	t.Helper()
	o.Addr = "127.0.0.1:0"
	s, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutdown(t, s) })
	return s
}

func shutdown(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shut down: %v", err)
	}
}

// testClient is a client of github.com/coder/websocket.
type testClient struct {
	t testing.TB
	*websocket.Conn
	ctx context.Context // ends after testTimeout
}

func dial(t testing.TB, url string, o *websocket.DialOptions) *testClient {
	t.Helper()
	ctx := testContext(t)
	conn, _, err := websocket.Dial(ctx, url, o)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	return &testClient{t, conn, ctx}
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

func (c *testClient) send(text string) {
	c.t.Helper()
	if err := c.Write(c.ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send %q: %v", text, err)
	}
}

func (c *testClient) receive() string {
	c.t.Helper()
	_, p, err := c.Read(c.ctx)
	if err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	return string(p)
}

func (c *testClient) expect(want string) {
	c.t.Helper()
	if got := c.receive(); got != want {
		c.t.Fatalf("received %q, want %q", got, want)
	}
}

// expectClose reads until the server sends a Close frame.
func (c *testClient) expectClose(want websocket.StatusCode) {
	c.t.Helper()
	for {
		_, _, err := c.Read(c.ctx)
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != want {
			c.t.Fatalf("closed with %v (%v), want %v", got, err, want)
		}
		return
	}
}

func TestShutdownSendsGoingAway(t *testing.T) {
	s := serve(t, Options{})
	clients := []*testClient{dial(t, s.URL(), nil), dial(t, s.URL(), nil), dial(t, s.URL(), nil)}
	for _, c := range clients {
		c.send("here")
		c.expect("here")
	}
	down := make(chan struct{})
	go func() {
		defer close(down)
		shutdown(t, s)
	}()
	for _, c := range clients {
		c.expectClose(websocket.StatusGoingAway)
	}
	<-down
	if _, err := net.Dial("tcp", s.Addr().String()); !errors.Is(err, errno.Refused) {
		t.Errorf("dial after shutdown: %v, want refused", err)
	}
	if err := s.Err(); err != nil {
		t.Errorf("Err after shutdown: %v", err)
	}
}

func TestShutdownTimeout(t *testing.T) {
	s := serve(t, Options{})
	c := dial(t, s.URL(), nil) // never reads, so never answers the Close
	c.send("here")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shut down: %v, want context canceled", err)
	}
}

// delayed is a response whose Hijack waits until open is closed.
type delayed struct {
	http.ResponseWriter
	hijacked, open chan struct{}
	conn           net.Conn
}

func (d *delayed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	close(d.hijacked)
	<-d.open
	return d.conn, bufio.NewReadWriter(bufio.NewReader(d.conn), bufio.NewWriter(d.conn)), nil
}

// acceptDelayed begins the opening handshake of a client, whose frames go through the connection returned.
func acceptDelayed(t *testing.T, s *Server) (*delayed, net.Conn) {
	clientEnd, serverEnd := net.Pipe()
	t.Cleanup(func() { clientEnd.Close() })
	d := &delayed{httptest.NewRecorder(), make(chan struct{}), make(chan struct{}), serverEnd}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Sec-WebSocket-Version", "13")
	asUpgrade(r)
	go s.ServeHTTP(d, r) // ended by Shutdown
	<-d.hijacked
	return d, clientEnd
}

func TestShutdownDuringHandshake(t *testing.T) {
	s := serve(t, Options{})
	d, client := acceptDelayed(t, s)
	var answered atomic.Bool
	down := make(chan struct{})
	go func() {
		defer close(down)
		shutdown(t, s)
		if !answered.Load() {
			t.Error("the server was down before the client could answer its Close")
		}
	}()
	<-s.Done()
	close(d.open)
	want := "\x88\x1d\x03\xe9" + shuttingDown.reason
	got := make([]byte, len(want))
	if _, err := io.ReadFull(client, got); err != nil || string(got) != want {
		t.Errorf("received %q (%v), want %q", got, err, want)
	}
	answered.Store(true)
	client.Write([]byte("\x88\x82\x00\x00\x00\x00\x03\xe9"))
	<-down
}

func TestShutdownTimeoutDuringHandshake(t *testing.T) {
	s := serve(t, Options{})
	d, client := acceptDelayed(t, s)
	s.closeAll()
	s.dropAll()
	close(d.open)
	if got, err := io.ReadAll(client); err != nil || len(got) > 0 {
		t.Errorf("received %q (%v), want nothing", got, err)
	}
}

func TestShutdownRefusesFurtherClients(t *testing.T) {
	s := serve(t, Options{})
	shutdown(t, s)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	asUpgrade(r)
	response := httptest.NewRecorder()
	s.ServeHTTP(response, r)
	if response.Code != http.StatusServiceUnavailable {
		t.Errorf("answered with %d, want 503", response.Code)
	}
}

// openError returns the system's error for a file that does not exist.
func openError(name string) string {
	_, err := os.Open(name)
	return err.Error()
}

func TestListenErrors(t *testing.T) {
	inUse := serve(t, Options{}).Addr().String()
	for _, row := range []struct {
		name string
		o    Options
		kind Kind
		want string
	}{
		{"behaviour", Options{Behaviour: "sing"}, Usage, `unknown behaviour "sing": choose echo, broadcast, clock, chat`},
		{"port", Options{Addr: inUse}, Address, "listen on " + inUse + ": address already in use by another program"},
		{"host", Options{Addr: "192.0.2.1:0"}, Address, "listen on 192.0.2.1:0: " + errno.NoAddress.Error()},
		{"address", Options{Addr: "x"}, Usage, `listen on "x": give PORT, HOST:PORT or unix:PATH`},
		{"no such port", Options{Addr: "127.0.0.1:65536"}, Usage, `listen on "127.0.0.1:65536": give PORT, HOST:PORT or unix:PATH`},
		{"every", Options{Every: -time.Second}, Usage, "the interval of the clock must be positive, not -1s"},
		{"limit", Options{MaxMessage: -1}, Usage, "max message must not be negative: -1"},
		{"origin", Options{Origins: []string{"a["}}, Usage, `origin pattern "a[": syntax error in pattern`},
		{"half", Options{TLS: TLS{CertFile: "c.pem"}}, Usage, "a certificate needs its key: give both files"},
		{"no file", Options{TLS: TLS{CertFile: "c.pem", KeyFile: "k.pem"}}, Certificate,
			`certificate "c.pem" with key "k.pem": ` + openError("c.pem")},
		{"out", Options{TLS: TLS{Out: "c.pem"}}, Usage, "only a generated certificate is written to a file"},
		{"no folder", Options{TLS: TLS{SelfSigned: true, Out: "none/c.pem"}}, File, "write the certificate: " + openError("none/c.pem")},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := Listen(t.Context(), row.o)
			if err == nil {
				shutdown(t, s)
				t.Fatal("Listen succeeded")
			}
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Kind != row.kind || err.Error() != row.want {
				t.Errorf("refused with %#v %q, want kind %d %q", err, err, row.kind, row.want)
			}
		})
	}
}

func TestURL(t *testing.T) {
	if got := serve(t, Options{}).URL(); !strings.HasPrefix(got, "ws://127.0.0.1:") || !strings.HasSuffix(got, "/") {
		t.Errorf("URL is %q", got)
	}
	s, err := Listen(t.Context(), Options{Addr: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	defer shutdown(t, s)
	if got := s.URL(); !strings.HasPrefix(got, "ws://localhost:") {
		t.Errorf("URL of a wildcard address is %q", got)
	}
}

func TestOrigin(t *testing.T) {
	sameOrigin := serve(t, Options{})
	some := serve(t, Options{Origins: []string{"*.example.com", "https://example.org"}})
	all := serve(t, Options{Origins: []string{"*"}})
	own := sameOrigin.Addr().String()
	for _, row := range []struct {
		server *Server
		host   string // in the Host header
		origin string
		status int
	}{
		{sameOrigin, own, "", 101},
		{sameOrigin, own, "http://" + own, 101},
		{sameOrigin, own, "http://example.com", 403},
		{sameOrigin, own, "null", 403},
		{sameOrigin, own, "http://127.0.0.1:1", 403},
		{some, own, "http://www.example.com", 101},
		{some, own, "https://example.org", 101},
		{some, own, "http://example.org", 403},
		{all, own, "http://example.com", 101},
		{all, own, "null", 101},
		{sameOrigin, "localhost:80", "http://localhost:80", 101},
		{sameOrigin, "LOCALHOST", "http://localhost", 101},
		{sameOrigin, "a.localhost:80", "http://a.localhost:80", 101},
		{sameOrigin, "[::1]:80", "http://[::1]:80", 101},
		{sameOrigin, "[::1]", "http://[::1]", 101},
		{sameOrigin, "192.0.2.1", "http://192.0.2.1", 101}, // as forwarded by a proxy
		{sameOrigin, "example.com", "", 101},
		{sameOrigin, "example.com", "http://example.com", 403}, // a name that resolves to this machine (DNS rebinding)
		{sameOrigin, "localhost.example.com:80", "http://localhost.example.com:80", 403},
		{sameOrigin, "example.com", "null", 403},
		{some, "www.example.com", "http://www.example.com", 101},
		{all, "example.com", "http://example.com", 101},
	} {
		head := http.Header{}
		if row.origin != "" {
			head.Set("Origin", row.origin)
		}
		conn, response, err := websocket.Dial(testContext(t), row.server.URL(), &websocket.DialOptions{Host: row.host, HTTPHeader: head})
		if err == nil {
			conn.CloseNow()
		}
		if response == nil || response.StatusCode != row.status {
			t.Errorf("origin %q, host %q with origins %q: %v %v, want %d", row.origin, row.host, row.server.options.Origins, response, err, row.status)
		}
	}
}

// TestHost: a foreign name is not accepted from this machine, as it may have been made to resolve to it (DNS rebinding).
func TestHost(t *testing.T) {
	for _, row := range []struct{ remote, host, want string }{
		{"127.0.0.1:5", "example.com:80", "localhost"},
		{"[::1]:5", "example.com", "localhost"},
		{"[::ffff:127.0.0.1]:5", "example.com", "localhost"},
		{"127.0.0.1:5", "", "localhost"},
		{"192.0.2.1:5", "example.com:80", "example.com:80"},
		{"127.0.0.1:5", "127.0.0.1:80", "127.0.0.1:80"},
	} {
		if got := Host(&http.Request{RemoteAddr: row.remote, Host: row.host}); got != row.want {
			t.Errorf("host %q from %s is %q, want %q", row.host, row.remote, got, row.want)
		}
	}
}

func TestSubprotocolAndCompression(t *testing.T) {
	s := serve(t, Options{Subprotocols: []string{"v2", "v1"}})
	plain := serve(t, Options{NoCompress: true})
	for _, row := range []struct {
		server      *Server
		offer       []string
		subprotocol string
		compressed  bool
	}{
		{s, []string{"v1", "v2"}, "v2", true},
		{s, []string{"v1"}, "v1", true},
		{s, []string{"v3"}, "", true},
		{s, nil, "", true},
		{plain, []string{"v1"}, "", false},
	} {
		conn, response, err := websocket.Dial(testContext(t), row.server.URL(), &websocket.DialOptions{
			Subprotocols: row.offer, CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			t.Fatal(err)
		}
		conn.CloseNow()
		compressed := strings.HasPrefix(response.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
		if conn.Subprotocol() != row.subprotocol || compressed != row.compressed {
			t.Errorf("offered %q: chosen %q, compressed %v; want %q, %v",
				row.offer, conn.Subprotocol(), compressed, row.subprotocol, row.compressed)
		}
	}
}
