package dial

import (
	"errors"
	"strings"
	"testing"

	"wsx/cmd/wsx/explain"
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
	for _, c := range []struct{ text, message, hint string }{
		{"A", "has no colon", "Name: value"},
		{"", "has no colon", ""},
		{": b", "is not a token", ""},
		{"A b: c", "is not a token", ""},
		{"A\n: c", "is not a token", ""},
		{"A: b\r\nC: d", "control character", ""},
		{"A: b\x00", "control character", ""},
		{"A: b\x7f", "control character", ""},
		{"connection: close", "is reserved for the opening handshake", ""},
		{"UPGRADE: x", "is reserved for the opening handshake", ""},
		{"Sec-WebSocket-Key: x", "is reserved for the opening handshake", ""},
		{"Sec-WebSocket-Version: 8", "is reserved for the opening handshake", ""},
		{"Sec-WebSocket-Accept: x", "is reserved for the opening handshake", ""},
		{"Sec-WebSocket-Protocol: x", "is reserved for the opening handshake", "-s"},
		{"Sec-WebSocket-Extensions: x", "is reserved for the opening handshake", "--no-compress"},
		{"Content-Length: 1", "is reserved for the opening handshake", "without a body"},
		{"Host:", "cannot be removed", ""},
	} {
		_, err := ParseHeader(c.text)
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(usage.Message, c.message) || !strings.Contains(explain.Hint(usage), c.hint) {
			t.Errorf("%q: %v", c.text, err)
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
