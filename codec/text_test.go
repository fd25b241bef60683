package codec

import (
	"testing"
)

func TestSTOMP(t *testing.T) {
	for payload, want := range map[string]string{
		"MESSAGE\r\nid:1\r\nto\\cdo:a\\nb\r\n\r\nhello\x00\n": `{"command":"MESSAGE","headers":{"id":"1","to:do":"a\nb"},"body":"hello"}`,
		"\n":                                `{"command":"heartbeat"}`,
		"SEND\n\n{\"a\":1}\x00":             `{"command":"SEND","headers":{},"body":{"a":1}}`,
		"\nA\n\n1\x00\n\nB\nx:y\n\n\x00\n":  `{"command":"A","headers":{},"body":"1"}` + "\n" + `{"command":"B","headers":{"x":"y"},"body":""}`,
		"A\nx:1\nx:2\n\n\x00":               `{"command":"A","headers":{"x":"1"},"body":""}`,
		"A\ncontent-length:3\n\na\x00b\x00": `{"command":"A","headers":{"content-length":"3"},"body":{"base64":"YQBi"}}`,
		"CONNECTED\nserver:a\\cb:c\n\n\x00": `{"command":"CONNECTED","headers":{"server":"a\\cb:c"},"body":""}`,
		"A\nx:a\\tb\\\n\n\x00":              `{"command":"A","headers":{"x":"a\\tb\\"},"body":""}`,
	} {
		if got, err := decoded(t, "stomp", Options{}, Message{Data: []byte(payload), Text: true}); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", payload, got, err, want)
		}
	}
	for _, payload := range []string{"", "SEND", "SEND\n\nx", "SEND\nx\n\n\x00", "A\ncontent-length:9\n\nab\x00", "A\ncontent-length:1\n\nab\x00", "A\ncontent-length:-1\n\n\x00", "A\n\n\x00junk"} {
		if got, err := decoded(t, "stomp", Options{}, Message{Data: []byte(payload), Text: true}); err == nil {
			t.Errorf("%q: decoded as %s", payload, got)
		}
	}
	for text, want := range map[string]string{
		`{"command":"SEND","headers":{"destination":"/q","a:b":"c\n"},"body":{"x":1}}`: "SEND\na\\cb:c\\n\ndestination:/q\n\n{\"x\":1}\x00",
		`{"command":"CONNECT","headers":{"accept-version":1.2,"host":"h"}}`:            "CONNECT\naccept-version:1.2\nhost:h\n\n\x00",
		`{"command":"heartbeat"}`:         "\n",
		`{"command":"A","body":"\u0000"}`: "A\ncontent-length:1\n\n\x00\x00",
	} {
		if got := string(encoded(t, "stomp", Options{}, text)); got != want {
			t.Errorf("%s: encoded as %q, want %q", text, got, want)
		}
	}
}

func TestSignalR(t *testing.T) {
	got, err := decoded(t, "signalr", Options{}, Message{Data: []byte("{}\x1e{\"type\":6}\x1e"), Text: true})
	if err != nil || got != "{}\n{\"type\":6}" {
		t.Errorf("%s, %v", got, err)
	}
	for _, payload := range []string{"", "{}", "{}\x1e{", "{\x1e"} {
		if got, err := decoded(t, "signalr", Options{}, Message{Data: []byte(payload), Text: true}); err == nil {
			t.Errorf("%q: decoded as %s", payload, got)
		}
	}
}

func TestK8s(t *testing.T) {
	for _, c := range []struct {
		payload   string
		isText    bool
		want      string
		reencoded string // the payload that is encoded, if it differs from the one decoded
	}{
		{"\x01hello\x1b[0m\n", false, `{"channel":1,"name":"stdout","data":"hello\u001b[0m\n"}`, ""},
		{"\x02\xff", false, `{"channel":2,"name":"stderr","data":{"base64":"/w=="}}`, ""},
		{"\x03{\"status\":\"Success\"}", false, `{"channel":3,"name":"error","data":{"status":"Success"}}`, ""},
		{"\x00", false, `{"channel":0,"name":"stdin","data":""}`, ""},
		{"\xff\x00", false, `{"channel":255,"name":"close","data":0}`, ""},
		{"\x09x", false, `{"channel":9,"data":"x"}`, ""},
		{"1aGk=", true, `{"channel":1,"name":"stdout","data":"hi"}`, "\x01hi"},
	} {
		got, err := decoded(t, "k8s", Options{}, Message{Data: []byte(c.payload), Text: c.isText})
		if err != nil || got != c.want {
			t.Errorf("%q: %s, %v; want %s", c.payload, got, err, c.want)
		}
		want := c.payload
		if c.reencoded != "" {
			want = c.reencoded
		}
		if reencoded := string(encoded(t, "k8s", Options{}, c.want)); reencoded != want {
			t.Errorf("%s: encoded as %q", c.want, reencoded)
		}
	}
	if got := string(encoded(t, "k8s", Options{}, `{"name":"resize","data":{"Width":80,"Height":24}}`)); got != "\x04"+`{"Width":80,"Height":24}` {
		t.Errorf("%q", got)
	}
	for _, text := range []string{`{}`, `{"channel":256}`, `{"name":"stdx"}`, `{"channel":255,"data":"x"}`} {
		if _, err := encodeK8s([]byte(text)); err == nil {
			t.Errorf("%s was encoded", text)
		}
	}
}

func TestSequences(t *testing.T) {
	got, err := decoded(t, "cbor", Options{}, Message{Data: fromHex(t, "01 820203 f6")})
	if err != nil || got != "1\n[2,3]\nnull" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := decoded(t, Auto, Options{}, Message{Data: fromHex(t, "a1616101 a1616102")}); err != nil || got != "" {
		t.Errorf("a sequence is decoded without the option: %s, %v", got, err)
	}
}
