package dial

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// recordingServer sends the lines of each request to the channel, and responds with text, with "\n" for each end of line.
func recordingServer(t *testing.T, text string) (address string, requests <-chan []string) {
	received := make(chan []string, 100)
	return startServer(t, func(conn net.Conn) {
		received <- respond(conn, strings.ReplaceAll(text, "\n", "\r\n"))
		io.Copy(io.Discard, conn)
	}), received
}

func TestRequestLines(t *testing.T) {
	address, requests := recordingServer(t, upgradeResponse("Set-Cookie: s=1\n"))
	line := func(s string) HeaderLine {
		l, err := ParseHeader(s)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		name string
		o    Options
		want []string // without the key
	}{
		{"plain", Options{}, []string{
			"GET /x HTTP/1.1", "Host: " + address, "User-Agent: wsx", "Upgrade: websocket", "Connection: Upgrade",
			"Sec-WebSocket-Version: 13", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
		}},
		{"everything", Options{
			Host: "h", Origin: "http://o", UserAgent: "me/1", Subprotocols: []string{"a", "b"}, Cookies: []string{"a=1", "b=2"}, User: "u:p", NoCompress: true,
		}, []string{
			"GET /x HTTP/1.1", "Host: h", "User-Agent: me/1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Protocol: a, b", "Origin: http://o", "Authorization: Basic dTpw", "Cookie: a=1; b=2",
		}},
		{"own lines", Options{NoCompress: true, Bearer: "t", Header: []HeaderLine{
			line("user-agent:"), line("x-B: 1"), line("X-A: 2"), line("x-B: 3"), line("host: own"), line("authorization: Own"),
		}}, []string{
			"GET /x HTTP/1.1", "Host: own", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
			"x-B: 1", "X-A: 2", "x-B: 3", "authorization: Own",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.ShowSecrets = true
			up, err := connect(t.Context(), "ws://"+address+"/x", c.o)
			if up != nil {
				up.Stream.Close()
			}
			sent := <-requests
			shown := slices.Clone(sent)
			sent = slices.DeleteFunc(sent, func(s string) bool { return strings.HasPrefix(s, "Sec-WebSocket-Key: ") })
			if !slices.Equal(sent, c.want) {
				t.Errorf("sent\n%s\nwanted\n%s", strings.Join(sent, "\n"), strings.Join(c.want, "\n"))
			}
			if err == nil && !slices.Equal(up.Handshake.Request, shown) {
				t.Errorf("the handshake has\n%s", strings.Join(up.Handshake.Request, "\n"))
			}
		})
	}
}

func TestSecretsAreRedacted(t *testing.T) {
	address, _ := recordingServer(t, upgradeResponse("Set-Cookie: s=hunter2; Path=/\n"))
	o := Options{User: "u:hunter2", Cookies: []string{"c=hunter2"}, Header: []HeaderLine{{Name: "X-Api-Key", Value: "hunter2"}}}
	up := dialStream(t, "ws://"+address, o)
	lines := strings.Join(append(up.Handshake.Request, up.Handshake.Response...), "\n")
	if strings.Contains(lines, "hunter2") || strings.Contains(lines, basicOf("u", "hunter2")) || strings.Count(lines, Redacted) != 4 {
		t.Errorf("the handshake has\n%s", lines)
	}
	o.ShowSecrets = true
	up = dialStream(t, "ws://"+address, o)
	lines = strings.Join(append(up.Handshake.Request, up.Handshake.Response...), "\n")
	if strings.Contains(lines, Redacted) || strings.Count(lines, "hunter2") != 3 {
		t.Errorf("with ShowSecrets the handshake has\n%s", lines)
	}
}

func TestOptionErrors(t *testing.T) {
	for _, c := range []struct {
		o       Options
		message string
	}{
		{Options{User: "a:b", Bearer: "c"}, "use either a user or a bearer token"},
		{Options{IPv4Only: true, IPv6Only: true}, "IPv4 only and IPv6 only"},
		{Options{UnixSocket: "/x", Proxy: "p:1"}, "a unix socket cannot be reached through a proxy"},
		{Options{UnixSocket: "/x", IPv4Only: true}, "a unix socket has no IP version"},
		{Options{KeyFile: "k"}, "a private key needs a certificate"},
		{Options{Version: 8}, "version 8 is not supported"},
		{Options{Subprotocols: []string{"a b"}}, `subprotocol "a b" must not be empty or contain a space`},
		{Options{Subprotocols: []string{"a", "a"}}, `subprotocol "a" was given twice`},
		{Options{Origin: "a\r\nb"}, "origin"},
		{Options{Bearer: "a\nb"}, "bearer token"},
		{Options{Cookies: []string{"a\nb"}}, "cookie"},
		{Options{Header: []HeaderLine{{Name: "Upgrade", Value: "x"}}}, "is reserved for the opening handshake"},
		{Options{Proxy: "ftp://p"}, "the proxy option"},
		{Options{Resolve: []string{"x"}}, "resolve"},
		{Options{ConnectTo: []string{"x"}}, "connect rule"},
		{Options{PinSHA256: []string{"x"}}, "pin"},
		{Options{User: "u"}, `no password was given for the user "u"`},
	} {
		_, err := New(t.Context(), "ws://127.0.0.1:1", c.o)
		usage, is := err.(*UsageError)
		if !is || !strings.Contains(usage.Message, c.message) {
			t.Errorf("%+v: %v, wanted %q", c.o, err, c.message)
		}
	}
}
