package dial

import (
	"errors"
	"strings"
	"testing"
)

func TestParseHeader(t *testing.T) {
	for _, c := range []struct {
		text string
		want HeaderLine
	}{
		{"A: b", HeaderLine{Name: "A", Value: "b"}},
		{"x-lower:b", HeaderLine{Name: "x-lower", Value: "b"}},
		{"A:  b: c  ", HeaderLine{Name: "A", Value: "b: c"}},
		{"A:\tb\tc", HeaderLine{Name: "A", Value: "b\tc"}},
		{"A: é", HeaderLine{Name: "A", Value: "é"}},
		{"User-Agent:", HeaderLine{Name: "User-Agent", Remove: true}},
	} {
		got, err := ParseHeader(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q is %+v, %v; wanted %+v", c.text, got, err, c.want)
		}
	}
}

func TestParseHeaderErrors(t *testing.T) {
	for _, c := range []struct {
		text, message, hint string
		reason              Reason
	}{
		{text: "A", message: "has no colon", hint: "Name: value"},
		{text: "", message: "has no colon"},
		{text: ": b", message: "is not a token"},
		{text: "A b: c", message: "is not a token"},
		{text: "A\n: c", message: "is not a token"},
		{text: "A: b\r\nC: d", message: "control character"},
		{text: "A: b\x00", message: "control character"},
		{text: "A: b\x7f", message: "control character"},
		{text: "connection: close", message: "is reserved for the opening handshake"},
		{text: "UPGRADE: x", message: "is reserved for the opening handshake"},
		{text: "Sec-WebSocket-Key: x", message: "is reserved for the opening handshake"},
		{text: "Sec-WebSocket-Version: 8", message: "is reserved for the opening handshake"},
		{text: "Sec-WebSocket-Accept: x", message: "is reserved for the opening handshake"},
		{text: "Sec-WebSocket-Protocol: x", message: "is reserved for the opening handshake", reason: OwnedSubprotocol},
		{text: "Sec-WebSocket-Extensions: x", message: "is reserved for the opening handshake", reason: OwnedExtensions},
		{text: "Content-Length: 1", message: "is reserved for the opening handshake", reason: OwnedBody},
		{text: "Host:", message: "cannot be removed"},
	} {
		_, err := ParseHeader(c.text)
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(usage.Message, c.message) || !strings.Contains(usage.Hint, c.hint) || usage.Reason != c.reason {
			t.Errorf("%q: %v, %+v", c.text, err, usage)
		}
	}
}

func TestParseHeaders(t *testing.T) {
	lines, err := ParseHeaders(strings.NewReader("A: b\r\n\n  \nC: d"))
	if err != nil || len(lines) != 2 || lines[0] != (HeaderLine{Name: "A", Value: "b"}) || lines[1].Name != "C" {
		t.Errorf("two lines: %+v, %v", lines, err)
	}
	_, err = ParseHeaders(strings.NewReader("A: b\n\nC"))
	if err == nil || err.Error() != `line 3: a header line has no colon` {
		t.Errorf("a line without a colon: %v", err)
	}
}

func FuzzParseHeader(f *testing.F) {
	for _, seed := range []string{"A: b", "A:", ":", "A b: c", "Host: x\r\nY: z", "Cookie: é=\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, err := ParseHeader(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(line.Name, " :\r\n\x00") || strings.ContainsAny(line.Value, "\r\n\x00") {
			t.Fatalf("%q is %+v", s, line)
		}
		again, err := ParseHeader(line.Name + ": " + line.Value)
		if err != nil || again != line {
			t.Fatalf("%q is %+v, which is %+v, %v", s, line, again, err)
		}
	})
}

func TestRedact(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"GET /?token: HTTP/1.1", "GET /?token: HTTP/1.1"},
		{"Host: example.com", "Host: example.com"},
		{"Authorization: Basic dTpw", "Authorization: Basic [redacted]"},
		{"authorization:dTpw", "authorization: [redacted]"},
		{"Proxy-Authorization: Bearer x y", "Proxy-Authorization: Bearer [redacted]"},
		{"Cookie: a=1; b=2;c", "Cookie: a=[redacted]; b=[redacted]; [redacted]"},
		{"Set-Cookie: a=1; Path=/", "Set-Cookie: a=[redacted]; Path=/"},
		{"Set-Cookie: a=1", "Set-Cookie: a=[redacted]"},
		{"X-Api-Key: 1", "X-Api-Key: [redacted]"},
		{"X-Auth-Token: 1", "X-Auth-Token: [redacted]"},
		{"Sec-WebSocket-Key: x", "Sec-WebSocket-Key: x"},
		{"WWW-Authenticate: Basic", "WWW-Authenticate: Basic"},
	} {
		if got := Redact([]string{c.line})[0]; got != c.want {
			t.Errorf("%q is shown as %q, wanted %q", c.line, got, c.want)
		}
	}
}
