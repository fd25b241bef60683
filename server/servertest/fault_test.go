package servertest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
)

const validRequest = "GET / HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: Upgrade\n" +
	"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"

// probe is what a client sends, and what the correct server responds.
type probe struct {
	fault string
	edit  []string // old, new, old, new in the valid request
	send  string   // bytes after it
	want  string
}

// maskedFrame returns a masked frame.
func maskedFrame(first byte, payload string) string {
	h := header{key: [4]byte{1, 2, 3, 4}}
	b := []byte(payload)
	h.unmask(b, 0)
	return string(append(appendHeader(nil, first, maskBit, uint64(len(b))), h.key[:]...)) + string(b)
}

func textFrame(payload string) string     { return maskedFrame(finBit|opText, payload) }
func pingFrame(payload string) string     { return maskedFrame(finBit|opPing, payload) }
func closeFrame(code int) string          { return maskedFrame(finBit|opClose, closePayload(code, "")) }
func messageOf(payloads ...string) string { return fragments(opText, payloads...) }

func fragments(op byte, payloads ...string) string {
	var b strings.Builder
	for i, payload := range payloads {
		first := op
		if i > 0 {
			first = opContinuation
		}
		if i == len(payloads)-1 {
			first |= finBit
		}
		b.WriteString(maskedFrame(first, payload))
	}
	return b.String()
}

// deflated returns compressed messages, each with the ones before as its context.
func deflated(payloads ...string) []string {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 9)
	var all []string
	for _, payload := range payloads {
		out.Reset()
		io.WriteString(w, payload)
		w.Flush()
		all = append(all, strings.TrimSuffix(out.String(), deflateTail))
	}
	return all
}

// insert returns an edit that adds lines to the request.
func insert(lines ...string) []string {
	return []string{"Upgrade: w", strings.Join(lines, "\n") + "\nUpgrade: w"}
}

func extensions(offer string) []string { return insert("Sec-WebSocket-Extensions: " + offer) }

func credentials(userinfo string) []string {
	return insert("Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo)))
}

func withSession(origin string) []string { return insert("Cookie: "+SessionCookie, "Origin: "+origin) }

// random is incompressible text.
const random = "8cJtq0YxWmZ3vR7LkNfB2sHdPe5UaGoTzK9wXiC4QyM1jVgS6hOlEDnFbArIup-_"

func probes() []probe {
	long := strings.Repeat("x", 1<<15)
	compressed := deflated(random, random)
	deflate := extensions("permessage-deflate")
	return []probe{
		{"upgrade-case-refused", []string{"websocket", "WebSocket"}, "", "101"},
		{"connection-case-refused", []string{": Upgrade", ": upgrade"}, "", "101"},
		{"connection-list-refused", []string{": Upgrade", ": keep-alive, Upgrade"}, "", "101"},
		{"field-name-case-refused", []string{"Sec-WebSocket-Key", "sec-websocket-key"}, "", "101"},
		{"unknown-field-refused", insert("X-Unknown: 1"), "", "101"},
		{"unknown-extension-refused", extensions("x-unknown"), "", "101"},

		{"key-missing-accepted", []string{"Sec-WebSocket-Key", "X"}, "", "400"},
		{"key-length-accepted", []string{"dGhlIHNhbXBsZSBub25jZQ==", "dGhl"}, "", "400"},
		{"key-encoding-accepted", []string{"dGhlIHNhbXBsZSBub25jZQ==", "!Ghl"}, "", "400"},
		{"key-twice-accepted", insert("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), "", "400"},
		{"version-missing-accepted", []string{"Sec-WebSocket-Version", "X"}, "", "426 Sec-WebSocket-Version=13"},
		{"version-accepted", []string{"13", "8"}, "", "426 Sec-WebSocket-Version=13"},
		{"method-accepted", []string{"GET", "POST"}, "", "405 Allow=GET"},
		{"http10-accepted", []string{"HTTP/1.1", "HTTP/1.0"}, "", "400"},
		{"upgrade-missing-accepted", []string{"Upgrade: w", "X: w"}, "", "426"},
		{"upgrade-token-accepted", []string{"websocket", "h2c"}, "", "426"},
		{"connection-missing-accepted", []string{"Connection", "X"}, "", "400"},
		{"host-missing-accepted", []string{"Host", "X"}, "", "400"},
		{"host-twice-accepted", insert("Host: localhost"), "", "400"},
		{"field-space-accepted", []string{"Host:", "Host :"}, "", "400"},

		{"accept-wrong", nil, "", "101"},
		{"accept-missing", nil, "", "101"},
		{"status-200", nil, "", "101"},
		{"upgrade-not-answered", nil, "", "101"},
		{"connection-not-answered", nil, "", "101"},
		{"extension-not-offered", extensions("x-unknown"), "", "101"},
		{"length-answered", nil, "", "101"},
		{"versions-not-named", []string{"13", "8"}, "", "426 Sec-WebSocket-Version=13"},

		{"subprotocol-not-offered", insert("Sec-WebSocket-Protocol: x, chat"), "", "101 Sec-WebSocket-Protocol=chat"},
		{"subprotocol-without-offer", nil, "", "101"},
		{"subprotocol-list", insert("Sec-WebSocket-Protocol: superchat", "Sec-WebSocket-Protocol: chat"), "", "101 Sec-WebSocket-Protocol=superchat"},
		{"subprotocol-case", insert("Sec-WebSocket-Protocol: chat"), "", "101 Sec-WebSocket-Protocol=chat"},
		{"subprotocol-twice", insert("Sec-WebSocket-Protocol: chat"), "", "101 Sec-WebSocket-Protocol=chat"},

		{"length-126-refused", nil, textFrame(long[:126]), "101, text of 126 bytes"},
		{"length-16-signed", nil, textFrame(long), "101, text of 32768 bytes"},
		{"length-64-refused", nil, textFrame(long + long), "101, text of 65536 bytes"},
		{"empty-message-lost", nil, textFrame(""), "101, text"},
		{"empty-message-refused", nil, textFrame(""), "101, text"},
		{"high-bit-accepted", nil, "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x", "101, close 1002"},
		{"non-minimal-16-accepted", nil, "\x81\xfe\x00\x01\x00\x00\x00\x00x", "101, close 1002"},
		{"non-minimal-64-accepted", nil, "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x", "101, close 1002"},
		{"unmasked-accepted", nil, "\x81\x01x", "101, close 1002"},
		{"unmasked-control-accepted", nil, "\x89\x01x", "101, close 1002"},
		{"masked-echo", nil, textFrame("x"), "101, text x"},
		{"zero-key-refused", nil, "\x81\x81\x00\x00\x00\x00x", "101, text x"},

		{"rsv1-accepted", nil, maskedFrame(finBit|rsv1Bit|opText, "x"), "101, close 1002"},
		{"rsv2-accepted", nil, maskedFrame(finBit|rsv2Bit|opText, "x"), "101, close 1002"},
		{"rsv3-accepted", nil, maskedFrame(finBit|rsv3Bit|opText, "x"), "101, close 1002"},
		{"rsv-control-accepted", nil, maskedFrame(finBit|rsv3Bit|opPing, "x"), "101, close 1002"},
		{"opcode-data-accepted", nil, maskedFrame(finBit|3, "x") + textFrame("y"), "101, close 1002"},
		{"opcode-control-accepted", nil, maskedFrame(finBit|11, "x") + textFrame("y"), "101, close 1002"},
		{"opcode-15-accepted", nil, maskedFrame(finBit|15, "x") + textFrame("y"), "101, close 1002"},

		{"continuation-accepted", nil, maskedFrame(finBit|opContinuation, "x"), "101, close 1002"},
		{"continuation-ignored", nil, maskedFrame(finBit|opContinuation, "x") + textFrame("y"), "101, close 1002"},
		{"interleaved-accepted", nil, maskedFrame(opText, "x") + textFrame("y"), "101, close 1002"},
		{"fragments-lost", nil, messageOf("a", "b", "c"), "101, text abc"},
		{"fragments-refused", nil, messageOf("a", "b"), "101, text ab"},
		{"ping-between-fragments-refused", nil, maskedFrame(opText, "a") + pingFrame("p") + maskedFrame(finBit|opContinuation, "b"), "101, pong p, text ab"},
		{"ping-resets-message", nil, maskedFrame(opText, "a") + pingFrame("p") + maskedFrame(finBit|opContinuation, "b"), "101, pong p, text ab"},
		{"ping-held-by-message", nil, maskedFrame(opText, "a") + pingFrame("p") + maskedFrame(finBit|opContinuation, "b"), "101, pong p, text ab"},
		{"empty-fragment-refused", nil, messageOf("", "b", ""), "101, text b"},
		{"binary-fragments-as-text", nil, fragments(opBinary, "a", "b"), "101, binary ab"},

		{"pong-payload-lost", nil, pingFrame(long[:101]), "101, pong of 101 bytes"},
		{"empty-ping-ignored", nil, pingFrame(""), "101, pong"},
		{"long-ping-refused", nil, pingFrame(long[:125]), "101, pong of 125 bytes"},
		{"pong-refused", nil, maskedFrame(finBit|opPong, "x") + pingFrame("p"), "101, pong p"},
		{"control-too-long-accepted", nil, pingFrame(long[:126]), "101, close 1002"},
		{"control-fragment-accepted", nil, maskedFrame(opPing, "x"), "101, close 1002"},

		{"close-code-low-accepted", nil, maskedFrame(finBit|opClose, "\x03\xe7"), "101, close 1002"},
		{"close-code-1004-accepted", nil, closeFrame(1004), "101, close 1002"},
		{"close-code-1005-accepted", nil, closeFrame(1005), "101, close 1002"},
		{"close-code-1006-accepted", nil, closeFrame(1006), "101, close 1002"},
		{"close-code-1015-accepted", nil, closeFrame(1015), "101, close 1002"},
		{"close-code-reserved-accepted", nil, closeFrame(1016), "101, close 1002"},
		{"close-code-high-accepted", nil, closeFrame(5000), "101, close 1002"},
		{"close-code-registered-refused", nil, closeFrame(1011), "101, close 1011"},
		{"close-code-private-refused", nil, closeFrame(4999), "101, close 4999"},
		{"close-one-byte-accepted", nil, maskedFrame(finBit|opClose, "x"), "101, close 1002"},
		{"close-reason-not-utf8-accepted", nil, maskedFrame(finBit|opClose, "\x03\xe8\xff"), "101, close 1007"},
		{"close-empty-refused", nil, closeFrame(0), "101, close"},
		{"close-not-answered", nil, closeFrame(1000), "101, close 1000"},
		{"close-1005-sent", nil, closeFrame(0), "101, close"},
		{"close-ignored", nil, closeFrame(1000), "101, close 1000"},
		{"message-after-close", nil, closeFrame(1000), "101, close 1000"},
		{"echo-after-close", nil, closeFrame(1000) + textFrame("x"), "101, close 1000"},
		{"close-twice", nil, closeFrame(1000), "101, close 1000"},

		{"utf8-noncharacter-refused", nil, textFrame("\uffff"), "101, text \uffff"},
		{"utf8-four-bytes-refused", nil, textFrame("\U0001F600"), "101, text \U0001F600"},
		{"utf8-nul-refused", nil, textFrame("a\x00"), "101, text a\x00"},
		{"utf8-bom-lost", nil, textFrame("\ufeffa"), "101, text \ufeffa"},
		{"utf8-split-refused", nil, messageOf("\xc3", "\xa9"), "101, text é"},
		{"utf8-accepted", nil, textFrame("\xff"), "101, close 1007"},
		{"utf8-fragments-accepted", nil, messageOf("\xff", "x"), "101, close 1007"},
		{"utf8-overlong-accepted", nil, textFrame("\xc0\xaf"), "101, close 1007"},
		{"utf8-surrogates-accepted", nil, textFrame("\xed\xa0\x80"), "101, close 1007"},
		{"utf8-beyond-accepted", nil, textFrame("\xf4\x90\x80\x80"), "101, close 1007"},
		{"utf8-truncated-accepted", nil, textFrame("\xe2\x82"), "101, close 1007"},
		{"utf8-replaced", nil, textFrame("\xff"), "101, close 1007"},
		{"utf8-late", nil, maskedFrame(opText, "\xff") + pingFrame("p"), "101, close 1007"},
		{"utf8-code-1002", nil, textFrame("\xff"), "101, close 1007"},

		{"deflate-unknown-parameter-accepted", extensions("permessage-deflate; x=1"), "", "101"},
		{"deflate-parameter-twice-accepted", extensions("permessage-deflate; client_no_context_takeover; client_no_context_takeover"), "", "101"},
		{"deflate-window-bits-accepted", extensions("permessage-deflate; server_max_window_bits=7"), "", "101"},
		{"deflate-server-bits-ignored", extensions(`permessage-deflate; server_max_window_bits="10"`), "",
			"101 Sec-WebSocket-Extensions=permessage-deflate; server_max_window_bits=10"},
		{"deflate-server-context-ignored", extensions("permessage-deflate; server_no_context_takeover"), "",
			"101 Sec-WebSocket-Extensions=permessage-deflate; server_no_context_takeover"},
		{"deflate-client-bits-unasked", deflate, "", "101 Sec-WebSocket-Extensions=permessage-deflate"},
		{"deflate-fallback-ignored", extensions("permessage-deflate; x, permessage-deflate"), "", "101 Sec-WebSocket-Extensions=permessage-deflate"},
		{"deflate-context-forgotten", deflate, maskedFrame(finBit|rsv1Bit|opText, compressed[0]) + maskedFrame(finBit|rsv1Bit|opText, compressed[1]),
			"101 Sec-WebSocket-Extensions=permessage-deflate, text " + random + ", text " + random},
		{"deflate-context-kept", extensions("permessage-deflate; server_no_context_takeover"), textFrame(random) + textFrame(random),
			"101 Sec-WebSocket-Extensions=permessage-deflate; server_no_context_takeover, text " + random + ", text " + random},
		{"deflate-window-exceeded", extensions("permessage-deflate; server_max_window_bits=8"), textFrame(random + long[:1000] + random),
			"101 Sec-WebSocket-Extensions=permessage-deflate; server_max_window_bits=8, text of 1128 bytes"},
		{"deflate-corrupt-accepted", deflate, maskedFrame(finBit|rsv1Bit|opText, "\xff\xff"), "101 Sec-WebSocket-Extensions=permessage-deflate, close 1007"},
		{"deflate-rsv1-continuation-accepted", deflate, maskedFrame(opText, "a") + maskedFrame(finBit|rsv1Bit|opContinuation, "b"),
			"101 Sec-WebSocket-Extensions=permessage-deflate, close 1002"},
		{"deflate-rsv1-control-accepted", deflate, maskedFrame(finBit|rsv1Bit|opPing, "p"), "101 Sec-WebSocket-Extensions=permessage-deflate, close 1002"},
		{"deflate-utf8-accepted", deflate, maskedFrame(finBit|rsv1Bit|opText, deflated("\xff")[0]), "101 Sec-WebSocket-Extensions=permessage-deflate, close 1007"},
		{"deflate-plain-refused", deflate, textFrame("x"), "101 Sec-WebSocket-Extensions=permessage-deflate, text x"},

		{"header-unbounded", insert("X-Long: " + long), "", "431"},
		{"bomb-inflated", deflate, maskedFrame(finBit|rsv1Bit|opBinary, deflated(strings.Repeat("x", maxMessage+1))[0]),
			"101 Sec-WebSocket-Extensions=permessage-deflate, close 1009"},
		{"origin-ignored", withSession("http://example.com"), "", "403"},
		{"origin-prefix", withSession("http://localhost.example.com"), "", "403"},
		{"origin-suffix", withSession("http://example-localhost"), "", "403"},
		{"origin-null-accepted", withSession("null"), "", "403"},
		{"credentials-ignored", nil, "", "401 Www-Authenticate=Basic realm=\"faulty\""},
		{"password-ignored", credentials("user:wrong"), "", "401 Www-Authenticate=Basic realm=\"faulty\""},
		{"challenge-missing", nil, "", "401 Www-Authenticate=Basic realm=\"faulty\""},
		{"credentials-disclosed", credentials("user:wrong"), "", "401 Www-Authenticate=Basic realm=\"faulty\""},
	}
}

// TestFaults: for each fault, the correct server responds as wanted and the faulty server differs.
func TestFaults(t *testing.T) {
	for _, p := range probes() {
		t.Run(p.fault, func(t *testing.T) {
			row := faultNamed(t, p.fault)
			if got := outcome(t, listenFaulty(t, "", row.Needs), p); got != p.want {
				t.Errorf("the correct server: %q, want %q", got, p.want)
			}
			if got := outcome(t, listenFaulty(t, p.fault, ""), p); got == p.want {
				t.Errorf("the faulty server does the same: %q", got)
			}
		})
	}
}

// TestFaultsAreProbed: each fault has a probe or a test.
func TestFaultsAreProbed(t *testing.T) {
	probed := map[string]int{"split-header-refused": 1, "split-payload-lost": 1, "tcp-left-open": 1, "tls10-accepted": 1,
		"tls11-accepted": 1, "dies": 1, "huge-length-dies": 1, "request-blocks": 1} // tests of their own below
	for _, p := range probes() {
		probed[p.fault]++
	}
	for _, row := range Faults() {
		if row.HTTP2 {
			probed[row.Name]++ // in TestFaultsOverHTTP2
		}
		if row.Dies != slices.Contains([]string{"dies", "huge-length-dies"}, row.Name) {
			t.Errorf("%s: Dies is %v", row.Name, row.Dies)
		}
		if probed[row.Name] != 1 || row.Checks == "" || row.Help == "" {
			t.Errorf("%s has %d probes, checks %q, help %q", row.Name, probed[row.Name], row.Checks, row.Help)
		}
	}
	if len(Faults()) != len(probed) {
		t.Errorf("%d faults, %d probes", len(Faults()), len(probed))
	}
	if _, err := ListenFaulty("unknown", NeedsNothing); err == nil {
		t.Error("an unknown fault is accepted")
	}
}

func TestNeeds(t *testing.T) {
	for _, row := range []struct {
		needs Need
		edit  []string
	}{
		{NeedsCookie, insert("Cookie: " + SessionCookie)},
		{NeedsCookie, withSession("http://localhost")},
		{NeedsCredentials, credentials(UserInfo)},
	} {
		if got := outcome(t, listenFaulty(t, "", row.needs), probe{edit: row.edit}); got != "101" {
			t.Errorf("%s: %s", row.needs, got)
		}
	}
}

func TestFaultsWithSplitFrames(t *testing.T) {
	for _, row := range []struct {
		fault, first, second, correct, faulty string
	}{
		{"split-header-refused", textFrame("ab")[:1], textFrame("ab")[1:], "\x81\x02ab", "\x88\x02\x03\xea"},
		{"split-payload-lost", textFrame("ab")[:7], textFrame("ab")[7:], "\x81\x02ab", "\x81\x01a"},
	} {
		for fault, want := range map[string]string{"": row.correct, row.fault: row.faulty} {
			clientEnd, serverEnd := net.Pipe()
			c := &faultyConn{server: &Faulty{fault: Fault{Name: fault}}, stream: serverEnd, in: bufio.NewReader(serverEnd), out: bufio.NewWriter(serverEnd)}
			served := make(chan struct{})
			go func() {
				defer close(served)
				c.echo()
				c.out.Flush()
			}()
			clientEnd.SetDeadline(time.Now().Add(testTimeout))
			io.WriteString(clientEnd, row.first)
			go io.WriteString(clientEnd, row.second) // ended by closing clientEnd, where the server does not read it
			got := make([]byte, len(want))
			if io.ReadFull(clientEnd, got); string(got) != want {
				t.Errorf("%q: got %q, want %q", fault, got, want)
			}
			clientEnd.Close()
			<-served
		}
	}
}

// TestFaultTCPLeftOpen: the correct server ends the connection after the closing handshake.
func TestFaultTCPLeftOpen(t *testing.T) {
	for _, fault := range []string{"", "tcp-left-open"} {
		conn := dialFaulty(t, listenFaulty(t, fault, ""))
		io.WriteString(conn, crlf(validRequest)+closeFrame(1000))
		if fault != "" {
			conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		}
		_, err := io.ReadAll(conn)
		if timedOut := err != nil; timedOut != (fault != "") {
			t.Errorf("%q: %v", fault, err)
		}
	}
}

func TestFaultsWithTLS(t *testing.T) {
	for fault, minVersion := range map[string]uint16{"": tls.VersionTLS12, "tls10-accepted": tls.VersionTLS10, "tls11-accepted": tls.VersionTLS11} {
		f := listenFaulty(t, fault, NeedsTLS)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(f.Certificate())
		for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			conn, err := tls.Dial("tcp", f.Addr(), &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version})
			if (err == nil) != (version >= minVersion) {
				t.Errorf("%q, %s: %v", fault, tls.VersionName(version), err)
			}
			if err == nil {
				io.WriteString(conn, crlf(validRequest)+textFrame("x")+closeFrame(1000))
				if response, _ := io.ReadAll(conn); !strings.HasSuffix(string(response), "\x81\x01x\x88\x02\x03\xe8") {
					t.Errorf("%q: %q", fault, response)
				}
				conn.Close()
			}
		}
	}
}

func TestFaultsThatEndTheServer(t *testing.T) {
	for _, row := range []struct{ fault, send string }{
		{"dies", maskedFrame(finBit|3, "x")},
		{"huge-length-dies", "\x82\xff\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
	} {
		for _, fault := range []string{"", row.fault} {
			f := listenFaulty(t, fault, "")
			outcome(t, f, probe{send: row.send})
			conn, err := net.Dial("tcp", f.Addr())
			if err == nil {
				conn.Close()
			}
			if closed := err != nil; closed != (fault != "") {
				t.Errorf("%q: %v", fault, err)
			}
		}
	}
}

func TestFaultRequestBlocks(t *testing.T) {
	for _, fault := range []string{"", "request-blocks"} {
		f := listenFaulty(t, fault, "")
		first := dialFaulty(t, f)
		io.WriteString(first, "GET / ")
		if fault != "" {
			for f.opening.TryLock() { // until the first request is being read
				f.opening.Unlock()
			}
		}
		second := dialFaulty(t, f)
		io.WriteString(second, crlf(validRequest))
		if fault != "" {
			second.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		}
		_, err := second.Read(make([]byte, 1))
		if blocked := err != nil; blocked != (fault != "") {
			t.Errorf("%q: %v", fault, err)
		}
	}
}

func faultNamed(t *testing.T, name string) Fault {
	t.Helper()
	for _, row := range Faults() {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no such fault: %s", name)
	return Fault{}
}

func listenFaulty(t *testing.T, fault string, needs Need) *Faulty {
	t.Helper()
	f, err := ListenFaulty(fault, needs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func dialFaulty(t *testing.T, f *Faulty) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", f.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testTimeout))
	return conn.(*net.TCPConn)
}

func crlf(request string) string { return strings.ReplaceAll(request+"\n", "\n", "\r\n") }

// outcome sends a probe and describes all that the server sends.
func outcome(t *testing.T, f *Faulty, p probe) string {
	t.Helper()
	conn := dialFaulty(t, f)
	io.WriteString(conn, crlf(strings.NewReplacer(p.edit...).Replace(validRequest))+p.send)
	conn.CloseWrite()
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, &http.Request{Method: "GET"})
	if err != nil {
		return err.Error()
	}
	parts := []string{describeResponse(response)}
	if response.StatusCode != 101 {
		body, _ := io.ReadAll(response.Body)
		if strings.Contains(string(body), "wrong") {
			parts = append(parts, string(body))
		}
		return strings.Join(parts, ", ")
	}
	d := &deflate{}
	for {
		h, err := readHeader(in)
		if err != nil {
			return strings.Join(parts, ", ")
		}
		payload := make([]byte, h.length)
		io.ReadFull(in, payload)
		d.agreed.clientNoContext = strings.Contains(parts[0], "server_no_context_takeover") // for the direction from the server
		parts = append(parts, describeFrame(h, payload, d, strings.Contains(parts[0], "bits=8")))
	}
}

func describeResponse(r *http.Response) string {
	parts := []string{fmt.Sprint(r.StatusCode)}
	if r.StatusCode == 101 {
		for name, value := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="} {
			if r.Header.Get(name) != value {
				parts = append(parts, "wrong "+name)
			}
			r.Header.Del(name)
		}
	}
	var names []string
	for name := range r.Header {
		if name != "Connection" && name != "Upgrade" && (name != "Content-Length" || r.StatusCode == 101) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		shown := strings.Replace(name, "Websocket", "WebSocket", 1)
		parts = append(parts, shown+"="+strings.Join(r.Header[name], "|"))
	}
	return strings.Join(parts, " ")
}

// describeFrame describes a frame. With eightBits, the agreed window has 256 bytes.
func describeFrame(h header, payload []byte, d *deflate, eightBits bool) string {
	name := opcodeName(h.opcode())
	if h.masked {
		name = "masked " + name
	}
	if h.opcode() == opClose && len(payload) >= 2 {
		return fmt.Sprintf("close %d%s", binary.BigEndian.Uint16(payload), payload[2:])
	}
	if h.first&rsv1Bit != 0 {
		inflated, err := d.inflate(payload, func(string) bool { return false })
		if err != nil {
			return name + " that does not inflate"
		}
		if eightBits && len(payload) < len(random)*5/4 {
			return name + " that refers to more than 256 bytes before"
		}
		payload = inflated
	}
	if len(payload) > 100 {
		return fmt.Sprintf("%s of %d bytes", name, len(payload))
	}
	return strings.TrimRight(name+" "+string(payload), " ")
}
