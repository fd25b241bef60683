package dial

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"wsx/server/servertest"

	"github.com/quic-go/quic-go"
)

// The bytes that the HTTP/3 test server sends (RFC 9114, 7.2; RFC 9204, appendix A).
const (
	http3Plain    = "\x00\x04\x00"         // the control stream, with no settings
	http3Extended = "\x00\x04\x02\x08\x01" // with SETTINGS_ENABLE_CONNECT_PROTOCOL
	http3OK       = "\x01\x03\x00\x00\xd9" // :status 200
	http3No       = "\x01\x04\x00\x00\xff\x05\x00\x02no"
)

// startQUICServer starts a QUIC server that writes control to its control stream and calls serve for each connection. All
// end with the test.
func startQUICServer(t *testing.T, config *tls.Config, control string, serve func(*quic.Conn)) (address string) {
	t.Helper()
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if config.NextProtos == nil {
		config.NextProtos = []string{"h3"}
	}
	transport := &quic.Transport{Conn: socket}
	listener, err := transport.Listen(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept(ctx)
			if err != nil {
				return
			}
			running.Go(func() {
				defer context.AfterFunc(ctx, func() { conn.CloseWithError(0x100, "") })()
				if stream, err := conn.OpenUniStream(); err == nil {
					stream.Write([]byte(control))
				}
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		transport.Close()
		socket.Close()
	})
	return socket.LocalAddr().String()
}

// respondHTTP3 responds to the first request on a connection, and calls serve with its stream.
func respondHTTP3(response string, serve func(*quic.Conn, *quic.Stream)) func(*quic.Conn) {
	return func(conn *quic.Conn) {
		stream, err := conn.AcceptStream(conn.Context())
		if err != nil {
			return
		}
		io.WriteString(stream, response)
		serve(conn, stream)
		<-conn.Context().Done()
	}
}

func waitClosed(conn *quic.Conn) { <-conn.Context().Done() }

func doNothing(*quic.Conn, *quic.Stream) {}

func TestHTTP3Failures(t *testing.T) {
	t.Parallel()
	ca := servertest.NewAuthority(t)
	good := ca.Issue(false, nil)
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	trustingCA := func(o Options) Options {
		o.CAFiles = []string{ca.File}
		return o
	}
	wantClientCert := &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	const refused, with = "upgrade wss://{address}/x: ", "TLS with {address}: "
	for _, c := range []struct {
		failureCase
		config  *tls.Config // nil = a good certificate
		control string      // "" = http3Extended
		serve   func(*quic.Conn)
	}{
		{failureCase: failureCase{name: "without the setting",
			message: refused + "the server supports HTTP/3, but not WebSocket over it (RFC 9220)", reason: HTTPVersionUnsupported}, control: http3Plain, serve: waitClosed},
		{failureCase: failureCase{name: "another protocol",
			message: refused + "the server does not support HTTP/3", reason: HTTPVersionUnsupported},
			config: &tls.Config{Certificates: []tls.Certificate{good}, NextProtos: []string{"doq"}}, serve: waitClosed},
		{failureCase: failureCase{name: "silence after the settings", o: Options{ConnectTimeout: 5 * shortTimeout}, kind: ConnectFailed,
			message: refused + "no answer within 500ms", reason: UpgradeTimeout}, serve: waitClosed},
		{failureCase: failureCase{name: "forbidden", message: refused + "403 Forbidden", reason: Forbidden, facts: map[string]string{"origin": "https://{address}"}}, serve: respondHTTP3(http3No, doNothing)},
		{failureCase: failureCase{name: "reset", message: refused + "the server reset the stream: H3_REQUEST_REJECTED", reason: StreamBroken},
			serve: respondHTTP3("", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x10b) })},
		{failureCase: failureCase{name: "closed", message: refused + `the server closed the connection: H3_EXCESSIVE_LOAD: "busy"`, reason: StreamBroken},
			serve: respondHTTP3("", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x107, "busy") })},
		{failureCase: failureCase{name: "self-signed", kind: TLSFailed, step: TLSStep, message: with + "the certificate is self-signed", reason: CertificateSelfSigned},
			config: &tls.Config{Certificates: []tls.Certificate{ca.Issue(true, nil)}}, serve: waitClosed},
		{failureCase: failureCase{name: "wrong name", kind: TLSFailed, step: TLSStep, o: Options{ServerName: "c.example"},
			message: with + "the certificate is for localhost, 127.0.0.1, not for c.example", reason: CertificateName}, serve: waitClosed},
		{failureCase: failureCase{name: "pin", kind: TLSFailed, step: TLSStep, o: Options{PinSHA256: []string{strings.Repeat("00", 32)}},
			message: with + "the server's key is " + pinOf(good) + ", which is not pinned", reason: PinMismatch, facts: map[string]string{"pin": pinOf(good)}}, serve: waitClosed},
		{failureCase: failureCase{name: "no client certificate", kind: TLSFailed,
			message: refused + "the server requires a client certificate", reason: ClientCertificateRequired}, config: wantClientCert, serve: waitClosed},
		{failureCase: failureCase{name: "wrong client certificate", kind: TLSFailed, o: Options{CertFile: certFile, KeyFile: keyFile},
			message: refused + "the server does not accept the client certificate: unknown certificate authority", reason: ClientCertificateRejected}, config: wantClientCert, serve: waitClosed},
	} {
		config, control := c.config, cmp.Or(c.control, http3Extended)
		if config == nil {
			config = &tls.Config{Certificates: []tls.Certificate{good}}
		}
		address := startQUICServer(t, config, control, c.serve)
		c.o.HTTP = HTTP3
		if c.name != "self-signed" {
			c.o = trustingCA(c.o)
		}
		c.url = "wss://" + address + "/x"
		if c.step == "" {
			c.step = UpgradeStep
		}
		c.message = strings.ReplaceAll(c.message, "{address}", address)
		for name, fact := range c.facts {
			c.facts[name] = strings.ReplaceAll(fact, "{address}", address)
		}
		c.run(t)
	}
}

// TestHTTP3ClosedPort: a closed UDP port fails at once, a silent one after the timeout.
func TestHTTP3ClosedPort(t *testing.T) {
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	address := socket.LocalAddr().String()
	failureCase{
		name: "silence", url: "wss://" + address, o: Options{HTTP: HTTP3, ConnectTimeout: shortTimeout}, kind: ConnectFailed, step: TCPStep,
		message: "connect to " + address + ": no answer within 100ms", reason: UDPTimeout,
	}.run(t)
	socket.Close()
	failureCase{
		name: "refused", url: "wss://" + address, o: Options{HTTP: HTTP3}, kind: ConnectFailed, step: TCPStep,
		message: "connect to " + address + ": connection refused", reason: UDPRefused,
	}.run(t)
}

// TestHTTP3Addresses: options that choose the address work over UDP as well.
func TestHTTP3Addresses(t *testing.T) {
	ca := servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, func(c *x509.Certificate) { c.DNSNames = []string{"a.example", "both.example"} })}}
	address := startQUICServer(t, config, http3Extended, respondHTTP3(http3OK, doNothing))
	_, port, _ := net.SplitHostPort(address)
	silent, err := net.ListenPacket("udp", "127.0.0.2:"+port)
	if err != nil {
		t.Skip("this machine has no second loopback address:", err)
	}
	defer silent.Close()
	resolver := nameServer(t, map[string][]string{"a.example": {"127.0.0.1"}, "both.example": {"::1", "127.0.0.1"}})
	for _, c := range []struct {
		name, url string
		o         Options
	}{
		{"name", "wss://a.example:" + port, Options{}},
		{"resolve", "wss://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.1"}}},
		{"resolve an address", "wss://192.0.2.1:" + port, Options{Resolve: []string{"*:" + port + ":127.0.0.1"}, ServerName: "a.example"}},
		{"connect to", "wss://a.example", Options{ConnectTo: []string{"a.example:443:127.0.0.1:" + port}}},
		{"IPv4 only", "wss://both.example:" + port, Options{IPv4Only: true}},
		{"first address refuses", "wss://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.3,127.0.0.1"}}},
		{"first address is silent", "wss://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.2,127.0.0.1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.HTTP, c.o.CAFiles, c.o.resolver = HTTP3, []string{ca.File}, resolver
			if up := dialStream(t, c.url, c.o); up.Handshake.Remote != address {
				t.Errorf("reached %s, wanted %s", up.Handshake.Remote, address)
			}
		})
	}
	for _, c := range []failureCase{
		{name: "IPv6 only", url: "wss://a.example", o: Options{IPv6Only: true}, kind: ConnectFailed, step: NameStep,
			message: "look up a.example: it has no IPv6 address", reason: NameWrongFamily, facts: map[string]string{"family": "IPv6"}},
		{name: "IPv4 address and IPv6 only", url: "wss://127.0.0.1", o: Options{IPv6Only: true}, kind: ConnectFailed, step: NameStep,
			message: "look up 127.0.0.1: it has no IPv6 address", reason: NameWrongFamily, facts: map[string]string{"family": "IPv6"}},
		{name: "all addresses refuse", url: "wss://a.example:" + port, o: Options{Resolve: []string{"a.example:" + port + ":127.0.0.3,127.0.0.4"}}, kind: ConnectFailed, step: TCPStep,
			message: "connect to a.example:" + port + ": connection refused", reason: UDPRefused, facts: map[string]string{"port": port}},
		{name: "first answer decides", url: "wss://b.example:" + port, o: Options{Resolve: []string{"b.example:" + port + ":127.0.0.1,127.0.0.2"}}, kind: TLSFailed, step: TLSStep,
			message: "TLS with b.example:" + port + ": the certificate is for a.example, both.example, 127.0.0.1, not for b.example", reason: CertificateName},
	} {
		c.o.HTTP, c.o.CAFiles, c.o.resolver = HTTP3, []string{ca.File}, resolver
		c.run(t)
	}
}

func TestHTTP3OptionErrors(t *testing.T) {
	environment := func(name string) string { return map[string]string{"HTTPS_PROXY": "127.0.0.1:1"}[name] }
	for _, row := range []struct {
		url, message string
		o            Options
	}{
		{"ws://127.0.0.1", "HTTP/3 requires TLS, and a ws URL has none", Options{}},
		{"wss://127.0.0.1", "HTTP/3 does not work through a proxy, and the proxy option names one", Options{Proxy: "127.0.0.1:1"}},
		{"wss://127.0.0.1", "HTTP/3 does not work through a proxy, and HTTPS_PROXY names one", Options{Env: environment}},
		{"wss://127.0.0.1", "HTTP/3 uses UDP, which does not work over a unix socket", Options{UnixSocket: "/x"}},
		{"wss+unix:/x", "HTTP/3 uses UDP, which does not work over a unix socket", Options{}},
	} {
		row.o.HTTP = HTTP3
		_, err := connect(t.Context(), row.url, row.o)
		if usage, ok := errors.AsType[*UsageError](err); !ok || usage.Message != row.message {
			t.Errorf("%s: %v, wanted %q", row.url, err, row.message)
		}
	}
}

// dialHTTP3Stream opens a stream to an HTTP/3 test server.
func dialHTTP3Stream(t *testing.T, serve func(*quic.Conn, *quic.Stream)) *http3Stream {
	t.Helper()
	ca := servertest.NewAuthority(t)
	address := startQUICServer(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended, respondHTTP3(http3OK, serve))
	return dialStream(t, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}}).Stream.(*http3Stream)
}

// TestHTTP3StreamEnd: Read returns how a stream has ended.
func TestHTTP3StreamEnd(t *testing.T) {
	for _, row := range []struct {
		name    string
		end     func(*quic.Conn, *quic.Stream)
		message string
	}{
		{"end of stream", func(_ *quic.Conn, s *quic.Stream) { s.Close() }, "EOF"},
		{"reset", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x10c) }, "the server reset the stream: H3_REQUEST_CANCELLED"},
		{"closed", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x100, "") }, "the server closed the connection: H3_NO_ERROR"},
		{"closed with a reason", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x102, "oh\x1b") }, `the server closed the connection: H3_INTERNAL_ERROR: "oh\x1b"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			received := make(chan struct{})
			s := dialHTTP3Stream(t, func(c *quic.Conn, s *quic.Stream) {
				io.WriteString(s, "\x00\x06before")
				<-received
				row.end(c, s)
			})
			before := make([]byte, 6)
			if _, err := io.ReadFull(s, before); err != nil || string(before) != "before" {
				t.Errorf("received %q, %v", before, err)
			}
			close(received)
			if _, err := s.Read(before); err == nil || err.Error() != row.message {
				t.Errorf("ended with %v, wanted %q", err, row.message)
			}
		})
	}
}

// TestHTTP3Loss: a stream that ends inside a message is lost, however it ends.
func TestHTTP3Loss(t *testing.T) {
	ca := servertest.NewAuthority(t)
	for _, row := range []struct {
		name    string
		end     func(*quic.Conn, *quic.Stream)
		message string
	}{
		{"end of stream", func(_ *quic.Conn, s *quic.Stream) { s.Close() }, "unexpected EOF"},
		{"reset", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x102) }, "the server reset the stream: H3_INTERNAL_ERROR"},
		{"closed", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x102, "") }, "the server closed the connection: H3_INTERNAL_ERROR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			received := make(chan struct{})
			address := startQUICServer(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended,
				respondHTTP3(http3OK, func(c *quic.Conn, s *quic.Stream) {
					io.WriteString(s, "\x00\x05\x81\x05hel")
					<-received
					row.end(c, s)
				}))
			up := dialStream(t, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}})
			wantLossAfter(t, up, row.message, func() { close(received) })
		})
	}
}

// TestHTTP3SlowReader: a client that does not read is sent no more than its window.
func TestHTTP3SlowReader(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 1)
	dialHTTP3Stream(t, func(_ *quic.Conn, s *quic.Stream) {
		s.SetWriteDeadline(time.Now().Add(5 * shortTimeout))
		n := 0
		for n < 16*quicWindow {
			io.WriteString(s, "\x00\x80\x01\x00\x00") // a DATA frame of 64 KiB
			m, err := s.Write(make([]byte, 64<<10))
			if n += m; err != nil {
				break
			}
		}
		sent <- n
	})
	if n := await(t, sent); n > 2*quicWindow {
		t.Errorf("%d bytes were written, and none read", n)
	}
}

// TestHTTP3Close: Close ends a blocked Read and a blocked Write.
func TestHTTP3Close(t *testing.T) {
	s := dialHTTP3Stream(t, doNothing)
	errs := make(chan error, 2)
	go func() {
		_, err := s.Read(make([]byte, 1))
		errs <- err
	}()
	go func() {
		for {
			if _, err := s.Write(make([]byte, 1<<20)); err != nil {
				errs <- err
				return
			}
		}
	}()
	s.Close()
	for range 2 {
		if err := await(t, errs); !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
}

func TestHTTP3CancelledDial(t *testing.T) {
	ca := servertest.NewAuthority(t)
	ctx, cancel := context.WithCancel(t.Context())
	address := startQUICServer(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended,
		respondHTTP3("", func(*quic.Conn, *quic.Stream) { cancel() }))
	if _, err := connect(ctx, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
