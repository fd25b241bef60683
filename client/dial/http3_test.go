package dial

import (
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

// What a server of HTTP/3 made by hand says, byte for byte (RFC 9114, 7.2; RFC 9204, appendix A).
const (
	http3Plain    = "\x00\x04\x00"         // the control stream, with no settings
	http3Extended = "\x00\x04\x02\x08\x01" // with SETTINGS_ENABLE_CONNECT_PROTOCOL
	http3OK       = "\x01\x03\x00\x00\xd9" // :status 200
	http3No       = "\x01\x04\x00\x00\xff\x05\x00\x02no"
)

// quicStranger is a server of QUIC: it says what opens its control stream, and does to each connection what serve says. All
// end with the test.
func quicStranger(t *testing.T, config *tls.Config, control string, serve func(*quic.Conn)) (address string) {
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

// asked answers the first request on a connection, and serves its stream.
func asked(answer string, serve func(*quic.Conn, *quic.Stream)) func(*quic.Conn) {
	return func(conn *quic.Conn) {
		stream, err := conn.AcceptStream(conn.Context())
		if err != nil {
			return
		}
		io.WriteString(stream, answer)
		serve(conn, stream)
		<-conn.Context().Done()
	}
}

func untilGone(conn *quic.Conn) { <-conn.Context().Done() }

func noMore(*quic.Conn, *quic.Stream) {}

func TestExplainedHTTP3(t *testing.T) {
	ca := servertest.NewAuthority(t)
	good := ca.Issue(false, nil)
	certFile, keyFile := ca.Save(ca.Issue(false, nil))
	trusting := func(o Options) Options {
		o.CAFiles = []string{ca.File}
		return o
	}
	demanding := &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	const refused, with = "upgrade wss://{address}/x: ", "TLS with {address}: "
	for _, c := range []struct {
		unexplained
		config *tls.Config // nil = a good certificate
		say    string      // "" = http3Extended
		do     func(*quic.Conn)
	}{
		{unexplained: unexplained{name: "without the setting",
			says: refused + "the server speaks HTTP/3, but not WebSocket over it (RFC 9220)", hint: "--http1.1"}, say: http3Plain, do: untilGone},
		{unexplained: unexplained{name: "another protocol",
			says: refused + "the server does not speak HTTP/3", hint: "--http1.1"},
			config: &tls.Config{Certificates: []tls.Certificate{good}, NextProtos: []string{"doq"}}, do: untilGone},
		{unexplained: unexplained{name: "silence after the settings", o: Options{ConnectTimeout: 5 * moment}, kind: ConnectFailed,
			says: refused + "no answer within 500ms", hint: "says nothing"}, do: untilGone},
		{unexplained: unexplained{name: "forbidden", says: refused + "403 Forbidden", hint: "-o https://{address}"}, do: asked(http3No, noMore)},
		{unexplained: unexplained{name: "reset", says: refused + "the server reset the stream: H3_REQUEST_REJECTED", hint: "try again"},
			do: asked("", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x10b) })},
		{unexplained: unexplained{name: "hang up", says: refused + `the server closed the connection: H3_EXCESSIVE_LOAD: "busy"`, hint: "try again"},
			do: asked("", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x107, "busy") })},
		{unexplained: unexplained{name: "self-signed", kind: TLSFailed, step: TLSStep, says: with + "the certificate is self-signed", hint: "--ca FILE"},
			config: &tls.Config{Certificates: []tls.Certificate{ca.Issue(true, nil)}}, do: untilGone},
		{unexplained: unexplained{name: "wrong name", kind: TLSFailed, step: TLSStep, o: Options{ServerName: "c.example"},
			says: with + "the certificate is for localhost, 127.0.0.1, not for c.example", hint: "--servername"}, do: untilGone},
		{unexplained: unexplained{name: "pin", kind: TLSFailed, step: TLSStep, o: Options{PinSHA256: []string{strings.Repeat("00", 32)}},
			says: with + "the server's key is " + pinOf(good) + ", which is not pinned", hint: "--pin-sha256 " + pinOf(good)}, do: untilGone},
		{unexplained: unexplained{name: "no client certificate", kind: TLSFailed,
			says: refused + "the server wants a client certificate", hint: "--cert FILE"}, config: demanding, do: untilGone},
		{unexplained: unexplained{name: "wrong client certificate", kind: TLSFailed, o: Options{CertFile: certFile, KeyFile: keyFile},
			says: refused + "the server does not accept our certificate: unknown certificate authority", hint: "signed by"}, config: demanding, do: untilGone},
	} {
		config, say := c.config, orDefault(c.say, http3Extended)
		if config == nil {
			config = &tls.Config{Certificates: []tls.Certificate{good}}
		}
		address := quicStranger(t, config, say, c.do)
		c.o.HTTP = HTTP3
		if c.name != "self-signed" {
			c.o = trusting(c.o)
		}
		c.url = "wss://" + address + "/x"
		if c.step == "" {
			c.step = UpgradeStep
		}
		c.says, c.hint = strings.ReplaceAll(c.says, "{address}", address), strings.ReplaceAll(c.hint, "{address}", address)
		c.run(t)
	}
}

// TestHTTP3WhereNobodyListens: a closed UDP port is known at once, a silent one when the time is up.
func TestHTTP3WhereNobodyListens(t *testing.T) {
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	address := socket.LocalAddr().String()
	unexplained{
		name: "silence", url: "wss://" + address, o: Options{HTTP: HTTP3, ConnectTimeout: moment}, kind: ConnectFailed, step: TCPStep,
		says: "connect to " + address + ": no answer within 100ms", hint: "--http2 and --http1.1 go over TCP",
	}.run(t)
	socket.Close()
	unexplained{
		name: "refused", url: "wss://" + address, o: Options{HTTP: HTTP3}, kind: ConnectFailed, step: TCPStep,
		says: "connect to " + address + ": connection refused", hint: "nothing listens on UDP port",
	}.run(t)
}

// TestHTTP3Ways: what leads to another address leads there over UDP as well.
func TestHTTP3Ways(t *testing.T) {
	ca := servertest.NewAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, func(c *x509.Certificate) { c.DNSNames = []string{"a.example", "both.example"} })}}
	address := quicStranger(t, config, http3Extended, asked(http3OK, noMore))
	_, port, _ := net.SplitHostPort(address)
	silent, err := net.ListenPacket("udp", "127.0.0.2:"+port)
	if err != nil {
		t.Skip("this machine has no second address:", err)
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
		{"nobody at the first", "wss://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.3,127.0.0.1"}}},
		{"silence at the first", "wss://a.example:" + port, Options{Resolve: []string{"a.example:" + port + ":127.0.0.2,127.0.0.1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.HTTP, c.o.CAFiles, c.o.resolver = HTTP3, []string{ca.File}, resolver
			if up := dials(t, c.url, c.o); up.Handshake.Remote != address {
				t.Errorf("reached %s, wanted %s", up.Handshake.Remote, address)
			}
		})
	}
	for _, c := range []unexplained{
		{name: "IPv6 only", url: "wss://a.example", o: Options{IPv6Only: true}, kind: ConnectFailed, step: NameStep,
			says: "look up a.example: there is no IPv6 address for it", hint: "without -6"},
		{name: "IPv4 address and IPv6 only", url: "wss://127.0.0.1", o: Options{IPv6Only: true}, kind: ConnectFailed, step: NameStep,
			says: "look up 127.0.0.1: there is no IPv6 address for it", hint: "without -6"},
		{name: "nobody at all", url: "wss://a.example:" + port, o: Options{Resolve: []string{"a.example:" + port + ":127.0.0.3,127.0.0.4"}}, kind: ConnectFailed, step: TCPStep,
			says: "connect to a.example:" + port + ": connection refused", hint: "UDP port " + port},
		{name: "an answer ends it", url: "wss://b.example:" + port, o: Options{Resolve: []string{"b.example:" + port + ":127.0.0.1,127.0.0.2"}}, kind: TLSFailed, step: TLSStep,
			says: "TLS with b.example:" + port + ": the certificate is for a.example, both.example, 127.0.0.1, not for b.example", hint: "--servername"},
	} {
		c.o.HTTP, c.o.CAFiles, c.o.resolver = HTTP3, []string{ca.File}, resolver
		c.run(t)
	}
}

func TestHTTP3IsNotMeant(t *testing.T) {
	environment := func(name string) string { return map[string]string{"HTTPS_PROXY": "127.0.0.1:1"}[name] }
	for _, row := range []struct {
		url, says string
		o         Options
	}{
		{"ws://127.0.0.1", "HTTP/3 always goes over TLS, and ws does not", Options{}},
		{"wss://127.0.0.1", "HTTP/3 does not go through a proxy, and the proxy option names one", Options{Proxy: "127.0.0.1:1"}},
		{"wss://127.0.0.1", "HTTP/3 does not go through a proxy, and HTTPS_PROXY names one", Options{Env: environment}},
		{"wss://127.0.0.1", "HTTP/3 goes over UDP, not through a unix socket", Options{UnixSocket: "/x"}},
		{"wss+unix:/x", "HTTP/3 goes over UDP, not through a unix socket", Options{}},
	} {
		row.o.HTTP = HTTP3
		_, err := connect(t.Context(), row.url, row.o)
		if usage, ok := errors.AsType[*UsageError](err); !ok || usage.Message != row.says {
			t.Errorf("%s: %v, wanted %q", row.url, err, row.says)
		}
	}
}

// openedHTTP3 is a stream to a server made by hand.
func openedHTTP3(t *testing.T, serve func(*quic.Conn, *quic.Stream)) *http3Stream {
	t.Helper()
	ca := servertest.NewAuthority(t)
	address := quicStranger(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended, asked(http3OK, serve))
	return dials(t, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}}).Stream.(*http3Stream)
}

// TestHTTP3Ends are the ways in which a stream ends, as Read tells them.
func TestHTTP3Ends(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(*quic.Conn, *quic.Stream)
		says string
	}{
		{"end of stream", func(_ *quic.Conn, s *quic.Stream) { s.Close() }, "EOF"},
		{"reset", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x10c) }, "the server reset the stream: H3_REQUEST_CANCELLED"},
		{"hang up", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x100, "") }, "the server closed the connection: H3_NO_ERROR"},
		{"hang up for a reason", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x102, "oh\x1b") }, `the server closed the connection: H3_INTERNAL_ERROR: "oh\x1b"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			heard := make(chan struct{})
			s := openedHTTP3(t, func(c *quic.Conn, s *quic.Stream) {
				io.WriteString(s, "\x00\x06before")
				<-heard
				row.end(c, s)
			})
			before := make([]byte, 6)
			if _, err := io.ReadFull(s, before); err != nil || string(before) != "before" {
				t.Errorf("heard %q, %v", before, err)
			}
			close(heard)
			if _, err := s.Read(before); err == nil || err.Error() != row.says {
				t.Errorf("ended with %v, wanted %q", err, row.says)
			}
		})
	}
}

// TestHTTP3Loss: a stream that ends inside a message is a loss, whatever ends it.
func TestHTTP3Loss(t *testing.T) {
	ca := servertest.NewAuthority(t)
	for _, row := range []struct {
		name string
		end  func(*quic.Conn, *quic.Stream)
		says string
	}{
		{"end of stream", func(_ *quic.Conn, s *quic.Stream) { s.Close() }, "unexpected EOF"},
		{"reset", func(_ *quic.Conn, s *quic.Stream) { s.CancelWrite(0x102) }, "the server reset the stream: H3_INTERNAL_ERROR"},
		{"hang up", func(c *quic.Conn, _ *quic.Stream) { c.CloseWithError(0x102, "") }, "the server closed the connection: H3_INTERNAL_ERROR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			heard := make(chan struct{})
			address := quicStranger(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended,
				asked(http3OK, func(c *quic.Conn, s *quic.Stream) {
					io.WriteString(s, "\x00\x05\x81\x05hel")
					<-heard
					row.end(c, s)
				}))
			up := dials(t, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}})
			wantsLossAfter(t, up, row.says, func() { close(heard) })
		})
	}
}

// TestHTTP3SlowReader: who reads nothing is sent a window full and no more.
func TestHTTP3SlowReader(t *testing.T) {
	sent := make(chan int, 1)
	openedHTTP3(t, func(_ *quic.Conn, s *quic.Stream) {
		s.SetWriteDeadline(time.Now().Add(5 * moment))
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
	if n := soon(t, sent); n > 2*quicWindow {
		t.Errorf("%d bytes were taken, and none read", n)
	}
}

// TestHTTP3Close: Close ends a Read and a Write that wait.
func TestHTTP3Close(t *testing.T) {
	s := openedHTTP3(t, noMore)
	ends := make(chan error, 2)
	go func() {
		_, err := s.Read(make([]byte, 1))
		ends <- err
	}()
	go func() {
		for {
			if _, err := s.Write(make([]byte, 1<<20)); err != nil {
				ends <- err
				return
			}
		}
	}()
	s.Close()
	for range 2 {
		if err := soon(t, ends); !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
}

func TestHTTP3CancelledDial(t *testing.T) {
	ca := servertest.NewAuthority(t)
	ctx, cancel := context.WithCancel(t.Context())
	address := quicStranger(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(false, nil)}}, http3Extended,
		asked("", func(*quic.Conn, *quic.Stream) { cancel() }))
	if _, err := connect(ctx, "wss://"+address, Options{HTTP: HTTP3, CAFiles: []string{ca.File}}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
