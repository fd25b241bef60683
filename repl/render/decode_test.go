package render

import (
	"bytes"
	"testing"

	"wsx/client"
	"wsx/repl/render/coding"
)

func TestDecode(t *testing.T) {
	codings := coding.Codings(coding.Options{})
	msgpack, _ := coding.Find(codings, "msgpack")
	packed := binaryMessage("\x81\xa1a\x01") // {"a":1}
	opened := func(subprotocol string) client.Event {
		return client.Event{Kind: client.Opened, Detail: &client.Handshake{Subprotocol: subprotocol}}
	}
	cases := []struct {
		name    string
		to      Renderer
		decoder Decoder
		events  []client.Event
		want    string
		note    string
	}{
		{"guessed", &Pretty{}, coding.NewGuess(coding.Options{}), pieces(packed, 2), "< (msgpack, 4 bytes) {\n    \"a\": 1\n  }\n", ""},
		{"named", &Raw{}, coding.Fixed{Coding: msgpack}, pieces(packed, 2), "{\"a\":1}\n", ""},
		{"queried", &JQ{Query: query(t, ".a")}, coding.Fixed{Coding: msgpack}, pieces(packed, 1), "1\n", ""},
		{"implied", &Pretty{}, coding.NewGuess(coding.Options{}), []client.Event{opened("msgpack"), binaryMessage("\x07")}, "< (msgpack, 1 bytes) 7\n", ""},
		{"not implied", &Raw{}, coding.NewGuess(coding.Options{}), []client.Event{opened(""), binaryMessage("\x07")}, "\x07\n", ""},
		{"does not decode", &Raw{}, coding.Fixed{Coding: msgpack}, []client.Event{binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: the byte 0xc1 begins no value\n"},
		{"implied in vain", &Raw{}, coding.NewGuess(coding.Options{}), []client.Event{opened("msgpack"), binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: the byte 0xc1 begins no value\n"},
		{"sent, and not shown", &Raw{}, coding.Fixed{Coding: msgpack}, []client.Event{sent(binaryMessage("\xc1"))}, "", ""},
		{"text", &Raw{}, coding.Fixed{Coding: msgpack}, []client.Event{textMessage("7")}, "7\n", ""},
	}
	for _, c := range cases {
		var notes bytes.Buffer
		same(t, c.name, shown(t, &Decode{To: c.to, Decoder: c.decoder, Notes: &notes}, c.events...), c.want)
		same(t, c.name+", note", notes.String(), c.note)
	}
	same(t, "too long", shown(t, &Decode{To: &Raw{}, Decoder: coding.Fixed{Coding: msgpack}, MaxMessage: 2}, pieces(packed, 1)...), "\x81\xa1\n")
}
