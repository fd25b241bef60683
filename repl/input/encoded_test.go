package input

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"wsx/client"
)

func TestEncoded(t *testing.T) {
	cases := []struct {
		name string
		in   string
		want []string
	}{
		{"hex", "0102ff\n\nDEad\r\n0x00 01\t02\n", []string{"\x01\x02\xff", "", "\xde\xad", "\x00\x01\x02"}},
		{"base64", "AQL/\n\nAQ==\r\nAQ\n+/==\n", []string{"\x01\x02\xff", "", "\x01", "\x01", "\xfb"}},
	}
	for _, c := range cases {
		s := source(t, c.name, c.in, Options{})
		got, err := all(s)
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) || err != io.EOF {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	line, err := source(t, "hex", "41", Options{}).Next(context.Background())
	if err != nil || line.Type != client.Binary || line.Number != 1 {
		t.Errorf("got %+v, %v; want a binary message, line 1", line, err)
	}
}

// source opens a kind of input by its name.
func source(t *testing.T, name, text string, o Options) Source {
	t.Helper()
	for _, k := range Kinds() {
		if k.Name == name {
			return k.New(strings.NewReader(text), o)
		}
	}
	t.Fatalf("no kind of input is called %s", name)
	return nil
}

func TestInvalidEncoding(t *testing.T) {
	cases := []struct{ kind, in, want string }{
		{"hex", "00\n0g\n00\n", "standard input: line 2: not two hexadecimal digits: 0g"},
		{"hex", "00\n012\n", "standard input: line 2: a hexadecimal digit is missing at the end"},
		{"hex", "00\n0 1\n", "standard input: line 2: not two hexadecimal digits: 0 "},
		{"base64", "AQ==\nA?\n", "standard input: line 2: not base64"},
		{"base64", "AQ==\nA\n", "standard input: line 2: not base64"},
		{"json", "\n{\n", "standard input: line 2: not JSON at byte 1: unexpected end of JSON input"},
		{"json", "\n[]\n", "standard input: line 2: expected a JSON object, not array"},
		{"json", "\n{\"event\":7}\n", `standard input: line 2: the field "event" cannot be a number`},
		{"json", "\n{}\n", `standard input: line 2: it has neither "event" nor "wait"`},
		{"json", "\n{\"event\":\"mesage\"}\n", `standard input: line 2: "mesage" is not an event`},
		{"json", "\n{\"event\":\"message\",\"dir\":\"up\"}\n", `standard input: line 2: "dir" must be "in" or "out", not "up"`},
		{"json", "\n{\"event\":\"message\",\"type\":\"blob\"}\n", `standard input: line 2: "type" must be "text" or "binary", not "blob"`},
		{"json", "\n{\"event\":\"message\",\"data\":\"?\",\"encoding\":\"base64\"}\n", `standard input: line 2: "data" is not base64`},
		{"json", "\n{\"event\":\"message\",\"encoding\":\"hex\"}\n", `standard input: line 2: "encoding" must be "base64", not "hex"`},
		{"json", "\n{\"event\":\"message\",\"data\":\"/w==\",\"encoding\":\"base64\"}\n", "standard input: line 2: " + notUTF8},
		{"json", "\n{\"wait\":\"soon\"}\n", `standard input: line 2: "wait" must be a duration like "200ms", not "soon"`},
		{"json", "\n{\"event\":\"close\",\"code\":1006}\n", "standard input: line 2: the close code 1006 cannot be sent"},
		{"json", "\n{\"event\":\"close\",\"code\":1005,\"reason\":\"x\"}\n", "standard input: line 2: a close reason needs a code"},
		{"json", "\n{\"event\":\"ping\",\"data\":\"" + strings.Repeat("x", 126) + "\"}\n", "standard input: line 2: a ping has at most 125 bytes, not 126"},
		{"json", "\n{\"event\":\"close\",\"reason\":\"" + strings.Repeat("x", 124) + "\"}\n", "standard input: line 2: a close reason has at most 123 bytes, not 124"},
		{"json", "\n{\"event\":\"message\",\"data\":\"\xff\"}\n", "standard input: line 2: " + notUTF8},
	}
	for _, c := range cases {
		_, err := all(source(t, c.kind, c.in, Options{}))
		var refusal *RejectedLine
		if !errors.As(err, &refusal) || err.Error() != c.want {
			t.Errorf("%s %q: %v; want %s", c.kind, c.in, err, c.want)
		}
	}
}

// FuzzEncoded checks that both encodings read what the standard library writes.
func FuzzEncoded(f *testing.F) {
	f.Add([]byte{0, 1, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := DecodeHex(nil, []byte(hex.EncodeToString(data))); err != nil || string(got) != string(data) {
			t.Errorf("hex of %x: %x, %v", data, got, err)
		}
		if got, err := DecodeBase64(nil, []byte(base64.StdEncoding.EncodeToString(data))); err != nil || string(got) != string(data) {
			t.Errorf("base64 of %x: %x, %v", data, got, err)
		}
		DecodeHex(nil, data)
		DecodeBase64(nil, data)
	})
}
