package render

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
)

func TestNotes(t *testing.T) {
	opened := client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{
		URL: "wss://example.com/", HTTP: "HTTP/1.1", Subprotocol: "chat\x1b", Extensions: "permessage-deflate; server_no_context_takeover",
		TLS: &tls.ConnectionState{Version: tls.VersionTLS13},
	}}
	ping := client.Event{Kind: client.KindPing, Payload: []byte("be\nat")}
	answer := client.Event{Kind: client.KindPong, Detail: 1234567 * time.Nanosecond}
	pong := client.Event{Kind: client.KindPong, Dir: client.Out}
	closeIn := client.Event{Kind: client.KindClose, Code: 1001, Payload: []byte("b\x1by")}
	closeOut := client.Event{Kind: client.KindClose, Dir: client.Out, Code: 1005}
	retry := client.Event{Kind: client.KindRetry, Detail: &client.Attempt{After: 1234 * time.Millisecond, Attempt: 2, Err: errors.New("reset")}}
	unconfirmed := client.Event{Kind: client.KindUnconfirmed, Detail: &client.Unconfirmed{First: 3, Last: 5, Count: 3}}
	failed := client.Event{Kind: client.KindError, Detail: &FormatError{Reason: "no \x1b", Hint: "try\nthis"}}
	ended := client.Event{Kind: client.KindEnd, Detail: &End{Summary: client.Summary{Sent: 1, Received: 2}}}

	place := client.Event{Kind: client.KindListening, Detail: &client.Listening{URL: "ws://127.0.0.1:8080/"}}
	rejected := client.Event{Kind: client.KindRejected, Detail: &client.RejectedClient{Remote: "127.0.0.1:5", URI: "/\x1b", Err: errors.New("no\n")}}
	accepted := client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{
		Accepted: true, URL: "ws://h\x1b/", HTTP: "HTTP/1.1", Remote: "127.0.0.1:5", Request: []string{"GET / HTTP/1.1"}, Response: []string{"HTTP/1.1 101"},
	}}
	of := func(peer int, e client.Event) client.Event {
		e.Peer = peer
		return e
	}

	cases := []struct {
		name   string
		notes  Notes
		events []client.Event
		want   string
	}{
		{"connected", Notes{}, []client.Event{opened}, "* connected to wss://example.com/ (subprotocol chat\\x1b, permessage-deflate, HTTP/1.1, TLS 1.3)\n"},
		{"quiet", Notes{Quiet: true}, []client.Event{opened, ping, closeIn, retry, ended}, ""},
		{"quiet, with unconfirmed messages", Notes{Quiet: true}, []client.Event{unconfirmed}, "* lines 3 to 5 (3 messages) may not have arrived\n"},
		{"messages", Notes{}, []client.Event{textMessage("x")}, ""},
		{"pings, not asked for", Notes{}, []client.Event{ping, pong}, ""},
		{"pings", Notes{Control: true}, []client.Event{ping, pong}, "* received ping (data: \"be\\nat\")\n* sent pong\n"},
		{"a pong that was asked for", Notes{}, []client.Event{answer}, "* received pong after 1.2ms\n"},
		{"closed by the server", Notes{}, []client.Event{closeIn, closeOut}, "* disconnected by the server: 1001 going away: b\\x1by\n"},
		{"closed by us", Notes{}, []client.Event{closeOut, closeIn}, "* closing: no code\n* disconnected: 1001 going away: b\\x1by\n"},
		{"no answer", Notes{}, []client.Event{closeOut}, "* closing: no code\n"},
		{"both", Notes{Verbose: true}, []client.Event{closeIn, closeOut}, "* disconnected by the server: 1001 going away: b\\x1by\n* answered the Close: no code\n"},
		{"retry", Notes{}, []client.Event{retry}, "* reconnecting in 1.2s (attempt 2): reset\n"},
		{"failed", Notes{Quiet: true}, []client.Event{failed}, "wsx: no \\x1b\nhint: try\\nthis\n"},
		{"ended", Notes{Verbose: true}, []client.Event{accepted, ended},
			"< GET / HTTP/1.1\n> HTTP/1.1 101\n* a client connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n* 1 sent, 2 received\n"},
		{"ended before a connection", Notes{Verbose: true}, []client.Event{failed, ended}, "wsx: no \\x1b\nhint: try\\nthis\n"},
		{"listening", Notes{}, []client.Event{place}, "* listening on ws://127.0.0.1:8080/\n"},
		{"listening, quietly", Notes{Quiet: true}, []client.Event{place, rejected, accepted, closeIn}, ""},
		{"rejected", Notes{}, []client.Event{rejected}, "* refused 127.0.0.1:5, which requested /\\x1b: no\\n\n"},
		{"a client", Notes{}, []client.Event{accepted, closeIn, closeOut},
			"* a client connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n* disconnected by the client: 1001 going away: b\\x1by\n"},
		{"a client, in full", Notes{Verbose: true}, []client.Event{accepted},
			"< GET / HTTP/1.1\n> HTTP/1.1 101\n* a client connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n"},
		{"several", Notes{Control: true}, []client.Event{of(1, accepted), of(2, accepted), of(2, ping), of(1, closeOut), of(2, closeIn), of(1, closeIn), of(3, accepted)},
			"* client 1 connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n* client 2 connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n" +
				"* client 2: received ping (data: \"be\\nat\")\n* closing the connection with client 1: no code\n" +
				"* disconnected by client 2: 1001 going away: b\\x1by\n* disconnected client 1: 1001 going away: b\\x1by\n* client 3 connected from 127.0.0.1:5 to ws://h\\x1b/ (HTTP/1.1)\n"},
		{"coloured", Notes{Theme: NewTheme(true), Control: true}, []client.Event{pong}, "\x1b[35m* sent pong\x1b[0m\n"},
	}
	for _, c := range cases {
		same(t, c.name, shown(t, &c.notes, c.events...), c.want)
	}
}

func TestRefusal(t *testing.T) {
	err := &dial.Error{
		Kind: dial.HandshakeFailed, What: "upgrade ws://h/", Why: "the server answered 404", Reason: "not-found",
		Refusal: &dial.Refusal{StatusLine: "HTTP/1.1 404 Not\x1b Found", Explaining: []string{"Server: x\x07"}, Body: []byte("<p>\r\nno\x1b[2J\r\n")},
	}
	want := "wsx: upgrade ws://h/: the server answered 404\n< HTTP/1.1 404 Not\\x1b Found\n< Server: x\\x07\n| <p>\n| no\\x1b[2J\nhint: is the path right?\n"
	same(t, "refusal", shown(t, &Notes{Hinter: pathHint}, client.Event{Kind: client.KindError, Detail: err}), want)
}

// pathHint is the hint for a path that is not found.
func pathHint(err error) string {
	if failed, ok := errors.AsType[*dial.Error](err); ok && failed.Reason == "not-found" {
		return "is the path right?"
	}
	return ""
}

// TestLongRefusal: of a page the text is shown, of a long body ten lines; with -v all of it.
func TestLongRefusal(t *testing.T) {
	page := &dial.Refusal{
		StatusLine: "HTTP/1.1 404 Not Found", Header: http.Header{"Content-Type": {"text/html"}},
		Body: []byte("<html><head><title>No such page</title><style>p{}</style></head><body><p>Sorry,\n not here</p></body></html>"),
	}
	long := &dial.Refusal{StatusLine: "HTTP/1.1 500 Oops", Body: []byte(strings.Repeat("x\n", 12))}
	for _, c := range []struct {
		notes   *Notes
		refusal *dial.Refusal
		want    string
	}{
		{&Notes{}, page, "< HTTP/1.1 404 Not Found\n| No such page\n| Sorry, not here\n"},
		{&Notes{}, long, "< HTTP/1.1 500 Oops\n" + strings.Repeat("| x\n", 10) + "| … (2 more lines)\n"},
		{&Notes{Verbose: true}, long, "< HTTP/1.1 500 Oops\n" + strings.Repeat("| x\n", 12)},
	} {
		err := &dial.Error{What: "upgrade", Why: "refused", Refusal: c.refusal}
		same(t, "refusal", shown(t, c.notes, client.Event{Kind: client.KindError, Detail: err}), "wsx: upgrade: refused\n"+c.want)
	}
}

func TestHandshake(t *testing.T) {
	h := &dial.Handshake{
		URL: "ws://h/", HTTP: "HTTP/1.1", Local: "127.0.0.1:2", Remote: "127.0.0.1:1", Proxy: "http://p:3128 (--proxy)",
		Request: []string{"GET / HTTP/1.1", "Host: h"}, Response: []string{"HTTP/1.1 101 Switching\x1b Protocols"},
		Timing: dial.Timing{DNS: 1200 * time.Microsecond, Connect: 345678 * time.Nanosecond, Proxy: 2 * time.Second, Upgrade: 12345678},
	}
	want := `* name resolved in 1.2ms
* through the proxy http://p:3128 (--proxy)
* connected to 127.0.0.1:1 from 127.0.0.1:2 in 346µs
* the proxy opened the connection in 2s
> GET / HTTP/1.1
> Host: h
< HTTP/1.1 101 Switching\x1b Protocols
* upgraded in 12.3ms
* connected to ws://h/ (HTTP/1.1)
`
	same(t, "opened", shown(t, &Notes{Verbose: true}, client.Event{Kind: client.KindOpen, Detail: h}), want)
}

func TestFailedStep(t *testing.T) {
	h := &dial.Handshake{
		Proxy: "http://p:3128 (--proxy)", Direct: "http_proxy is not used: NO_PROXY has *", Local: "127.0.0.1:2", Remote: "127.0.0.1:1",
		Request: []string{"GET / HTTP/1.1"}, TLS: &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{{}}},
		Timing: dial.Timing{DNS: time.Millisecond, Connect: 2 * time.Millisecond, Proxy: 3 * time.Millisecond, TLS: 4 * time.Millisecond, Upgrade: 5 * time.Millisecond},
	}
	for step, want := range map[dial.Step]string{
		dial.NameStep:    "resolving the name failed after 1ms",
		dial.TCPStep:     "connecting failed after 2ms",
		dial.ProxyStep:   "connecting through the proxy failed after 3ms",
		dial.TLSStep:     "the TLS handshake failed after 4ms",
		dial.UpgradeStep: "the upgrade failed after 5ms",
	} {
		failed := client.Event{Kind: client.KindError, Detail: &dial.Error{What: "x", Why: "y", Step: step, Handshake: h}}
		got := shown(t, &Notes{Verbose: true}, failed)
		if !strings.HasSuffix(got, "\n> GET / HTTP/1.1\n* "+want+"\nwsx: x: y\n") || !strings.Contains(got, "* http_proxy is not used: NO_PROXY has *\n") {
			t.Errorf("%s: %q", step, got)
		}
		for other, done := range map[dial.Step]string{dial.NameStep: "name resolved in", dial.ProxyStep: "opened the connection in", dial.TLSStep: "TLS 1.3,"} {
			if strings.Contains(got, done) == (other == step) {
				t.Errorf("%s: %q of %s", step, got, other)
			}
		}
		same(t, "not in full", shown(t, &Notes{More: " (see the log)"}, failed), "* dns 1ms, connect 2ms, proxy 3ms, tls 4ms, upgrade 5ms (see the log)\nwsx: x: y\n")
		same(t, "quiet", shown(t, &Notes{Quiet: true}, failed), "wsx: x: y\n")
	}
}

func TestTraceColumns(t *testing.T) {
	at := noon.Local().Format("15:04:05.000000")
	frames := []*wire.Trace{
		{Out: true, Time: noon, Fin: true, Opcode: wire.Text, Length: 5, Masked: true, Mask: [4]byte{0x16, 0x39, 0x8f, 0x63}, Head: []byte("hello")},
		{Time: noon, Rsv: 4, Opcode: wire.Binary, Length: 40, Head: make([]byte, 32), Compressed: true, Inflated: 4000},
		{Time: noon, Fin: true, Opcode: wire.Close, Length: 5, Head: []byte{3, 232, 'b', 'y', 'e'}},
	}
	var events []client.Event
	for _, f := range frames {
		events = append(events, client.Event{Kind: client.KindFrame, Detail: f})
	}
	want := `* time              opcode        fin  rsv     length   inflated  mask      payload
* ` + at + ` > text          FIN  000          5          -  16398f63  68 65 6c 6c 6f           |hello|
* ` + at + ` < binary        -    100         40       4000  -         00 00 00 00 00 00 00 00  |................................|…
* ` + at + ` < close         FIN  000          5          -  -         03 e8 62 79 65           |..bye| 1000 normal closure
`
	same(t, "trace", shown(t, &Notes{}, events...), want)
}

func TestCloseNames(t *testing.T) {
	for code, want := range map[int]string{1000: "normal closure", 3001: "registered with IANA", 4711: "application-defined", 2000: "unknown"} {
		if got := closeName(code); got != want {
			t.Errorf("%d is %q, want %q", code, got, want)
		}
	}
}

func TestCleanTruncates(t *testing.T) {
	if got := clean("/" + strings.Repeat("x", 200_000)); len(got) > 2*maxShownText || !strings.HasSuffix(got, "… (198001 more bytes)") {
		t.Errorf("a long path is shown in %d bytes", len(got))
	}
}
