package upgrade

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"wsx/client/wire"
)

// handshake is what became of a request: the response, and what Accept returned.
type handshake struct {
	*http.Response
	body string
	conn *Conn
	err  error
}

// request is the request of RFC 6455, section 1.3, line by line.
func request() []string {
	return []string{
		"GET /chat HTTP/1.1",
		"Host: server.example.com",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
	}
}

// with returns the request with a header line instead of that with the same name, or in addition to the others.
func with(line string) []string {
	name, _, _ := strings.Cut(line, ":")
	return append(without(name), line)
}

// without returns the request without a header line.
func without(name string) []string {
	return slices.DeleteFunc(request(), func(line string) bool { return strings.HasPrefix(line, name+":") })
}

// perform sends a request, and bytes after it, to a server that accepts with these options.
func perform(t *testing.T, o Options, request []string, after string) (handshake, net.Conn) {
	t.Helper()
	accepted := make(chan handshake, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := Accept(w, r, o)
		accepted <- handshake{conn: conn, err: err}
	}))
	t.Cleanup(server.Close)
	client, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	io.WriteString(client, strings.Join(request, "\r\n")+"\r\n\r\n"+after)
	response, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	h := handshake{Response: response}
	if response.StatusCode == http.StatusSwitchingProtocols {
		h.conn = (<-accepted).conn
		t.Cleanup(func() { h.conn.Close() })
		return h, client
	}
	body, _ := io.ReadAll(response.Body)
	h.body = string(body)
	select {
	case refused := <-accepted:
		h.err = refused.err
		if h.err == nil {
			t.Errorf("refused with %s, and Accept returned no error", response.Status)
		}
	default: // net/http has refused the request by itself
	}
	return h, client
}

// TestRequests: a request that RFC 6455, section 4.2.1, allows is accepted, and any other is refused.
func TestRequests(t *testing.T) {
	replaced := func(first string) []string { return append([]string{first}, request()[1:]...) }
	for _, c := range []struct {
		name    string
		request []string
		status  int
		err     string // a part of the error of Accept
	}{
		{"the request of the RFC", request(), 101, ""},
		{"names and values in another case", []string{"GET /chat HTTP/1.1", "host: a", "upgrade: WebSocket", "connection: upgrade",
			"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version: 13"}, 101, ""},
		{"lists of tokens", append(slices.DeleteFunc(without("Upgrade"), func(line string) bool { return line == "Connection: Upgrade" }),
			"Connection: keep-alive, Upgrade", "Upgrade: h2c, websocket"), 101, ""},
		{"two header lines", append(without("Connection"), "Connection: keep-alive", "Connection: Upgrade"), 101, ""},

		{"POST", replaced("POST /chat HTTP/1.1"), 405, `"POST"`},
		{"HTTP/1.0", replaced("GET /chat HTTP/1.0"), 426, "HTTP/1.0"},
		{"no Host", without("Host"), 400, ""},
		{"no Upgrade", without("Upgrade"), 426, "Upgrade"},
		{"another Upgrade", with("Upgrade: h2c"), 426, `"h2c"`},
		{"Upgrade that only begins like it", with("Upgrade: websockets"), 426, `"websockets"`},
		{"no Connection", without("Connection"), 426, "Connection"},
		{"another Connection", with("Connection: keep-alive"), 426, `"keep-alive"`},
		{"no key", without("Sec-WebSocket-Key"), 400, "missing Sec-WebSocket-Key"},
		{"two keys", append(request(), "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), 400, "multiple Sec-WebSocket-Key"},
		{"a key of 15 bytes", with("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"), 400, "16 byte"},
		{"a key of 17 bytes", with("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="), 400, "16 byte"},
		{"a key that is not base64", with("Sec-WebSocket-Key: ********************=="), 400, "base64"},
		{"no version", without("Sec-WebSocket-Version"), 400, "version"},
		{"another version", with("Sec-WebSocket-Version: 8"), 400, `"8"`},
		{"two versions", with("Sec-WebSocket-Version: 13, 8"), 400, "version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := perform(t, Options{}, c.request, "")
			if got.StatusCode != c.status {
				t.Errorf("%s, want %d: %s", got.Status, c.status, got.body)
			}
			if (c.err != "") != (got.err != nil) || got.err != nil && !strings.Contains(got.err.Error(), c.err) {
				t.Errorf("error %v, want %q", got.err, c.err)
			}
			if got.err != nil && strings.HasPrefix(got.err.Error(), "failed to accept") {
				t.Errorf("the error has a prefix of the library: %v", got.err)
			}
			if c.status == 101 && (got.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" ||
				!strings.EqualFold(got.Header.Get("Upgrade"), "websocket") || !strings.EqualFold(got.Header.Get("Connection"), "Upgrade")) {
				t.Errorf("the header of the response is %v", got.Header)
			}
			if strings.Contains(c.name, "version") && got.Header.Get("Sec-WebSocket-Version") != "13" {
				t.Errorf("the response does not name the version: %v", got.Header)
			}
		})
	}
}

// TestSubprotocol: the first of the server's subprotocols that the client offers is chosen.
func TestSubprotocol(t *testing.T) {
	for _, c := range []struct {
		offered []string // header lines
		known   []string
		want    string
	}{
		{nil, nil, ""},
		{nil, []string{"a"}, ""},
		{[]string{"a"}, nil, ""},
		{[]string{"a"}, []string{"a"}, "a"},
		{[]string{"b, a"}, []string{"a", "c"}, "a"},
		{[]string{"b", "a"}, []string{"a", "c"}, "a"},
		{[]string{"b"}, []string{"a"}, ""},
		{[]string{"a, b"}, []string{"b", "a"}, "b"},
	} {
		lines := request()
		for _, names := range c.offered {
			lines = append(lines, "Sec-WebSocket-Protocol: "+names)
		}
		got, _ := perform(t, Options{Subprotocols: c.known}, lines, "")
		if got.conn == nil || got.conn.Subprotocol != c.want || got.Header.Get("Sec-WebSocket-Protocol") != c.want {
			t.Errorf("%q of %q: %s, %+v, want %q", c.offered, c.known, got.Status, got.Header, c.want)
		}
	}
}

// TestExtension: the response has the parameters that the caller has agreed to, and no extension without them.
func TestExtension(t *testing.T) {
	const header = "Sec-WebSocket-Extensions"
	for _, c := range []struct{ offer, want string }{
		{"permessage-deflate", "permessage-deflate"},
		{"permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"},
		{"permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"},
		{"x-other", ""},
		{"permessage-deflate; unknown", ""},
		{"", ""},
	} {
		lines := request()
		if c.offer != "" {
			lines = append(lines, header+": "+c.offer)
		}
		for _, deflates := range []bool{true, false} {
			var o Options
			want := ""
			if deflates {
				o.Deflate, want = wire.Accept([]string{c.offer}), c.want
			}
			if got, _ := perform(t, o, lines, ""); got.conn == nil || got.Header.Get(header) != want {
				t.Errorf("%q, deflates %v: %s, %q, want %q", c.offer, deflates, got.Status, got.Header.Get(header), want)
			}
		}
	}
}

// TestOrigin: pages of the same host, and of hosts that match a pattern, are accepted, and so is a client that is no browser.
func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		origin   string // "" = no header line
		o        Options
		accepted bool
	}{
		{"", Options{}, true},
		{"http://server.example.com", Options{}, true},
		{"https://SERVER.example.com", Options{}, true},
		{"http://other.example.com", Options{}, false},
		{"http://server.example.com:81", Options{}, false},
		{"null", Options{}, false},
		{"http://%zz", Options{}, false},
		{"http://other.example.com", Options{Origins: []string{"other.example.com"}}, true},
		{"http://other.example.com", Options{Origins: []string{"*.example.com"}}, true},
		{"http://other.example.org", Options{Origins: []string{"*.example.com"}}, false},
		{"http://other.example.com", Options{Origins: []string{"*"}}, true},
		{"null", Options{Origins: []string{"*"}}, true},
		{"http://front.example.com", Options{Host: "front.example.com"}, true},
		{"http://server.example.com", Options{Host: "front.example.com"}, false},
	} {
		lines := request()
		if c.origin != "" {
			lines = append(lines, "Origin: "+c.origin)
		}
		got, _ := perform(t, c.o, lines, "")
		var refused *OriginError
		if (got.conn != nil) != c.accepted || !c.accepted && (got.StatusCode != http.StatusForbidden || !errors.As(got.err, &refused)) {
			t.Errorf("%q with %+v: %s, %v", c.origin, c.o, got.Status, got.err)
		}
		if refused == nil {
			continue
		}
		if reason, _ := refused.Facts(); reason != "origin-not-allowed" || errors.Unwrap(refused) == nil {
			t.Errorf("%q: %s, %v", c.origin, reason, refused.Err)
		}
	}
	got, _ := perform(t, Options{Origins: []string{"*"}}, append(request(), "Origin: http://a", "Origin: http://a"), "")
	if got.StatusCode != http.StatusBadRequest || got.err != errTwoOrigins {
		t.Errorf("two origins: %s, %v", got.Status, got.err)
	}
}

// TestStream: the stream begins with what followed the request, and belongs to the caller.
func TestStream(t *testing.T) {
	const early = "\x81\x80\x00\x00\x00\x00"
	got, client := perform(t, Options{}, request(), early)
	io.WriteString(client, "later")
	received := make([]byte, len(early)+len("later"))
	if _, err := io.ReadFull(got.conn, received); err != nil || string(received) != early+"later" {
		t.Errorf("read %q, %v", received, err)
	}
	fmt.Fprint(got.conn, "frame")
	if _, err := io.ReadFull(client, received[:5]); err != nil || string(received[:5]) != "frame" {
		t.Errorf("the client read %q, %v", received[:5], err)
	}
	got.conn.Close()
	if n, err := client.Read(received); n > 0 || err != io.EOF {
		t.Errorf("after close: %q, %v", received[:n], err)
	}
}

// TestNoHijack: a response writer that cannot give the stream away is an error.
func TestNoHijack(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Version": {"13"}}
	if conn, err := Accept(struct{ http.ResponseWriter }{httptest.NewRecorder()}, r, Options{}); err == nil {
		t.Errorf("accepted: %+v", conn)
	}
}
