package render

import (
	"bytes"
	"testing"

	"wsx/client"
	"wsx/client/dial"
	"wsx/codec"
)

func TestDecode(t *testing.T) {
	codings := codec.Codings(codec.Options{})
	msgpack, _ := codec.Find(codings, "msgpack")
	packed := binaryMessage("\x81\xa1a\x01") // {"a":1}
	opened := func(subprotocol string) client.Event {
		return client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{Subprotocol: subprotocol}}
	}
	cases := []struct {
		name    string
		to      Renderer
		decoder Decoder
		events  []client.Event
		want    string
		note    string
	}{
		{"guessed", &Pretty{}, codec.NewGuess(codec.Options{}), pieces(packed, 2), "< (msgpack, 4 bytes) {\n    \"a\": 1\n  }\n", ""},
		{"named", &Raw{}, codec.Fixed{Coding: msgpack}, pieces(packed, 2), "{\"a\":1}\n", ""},
		{"queried", &JQ{Query: query(t, ".a")}, codec.Fixed{Coding: msgpack}, pieces(packed, 1), "1\n", ""},
		{"implied", &Pretty{}, codec.NewGuess(codec.Options{}), []client.Event{opened("msgpack"), binaryMessage("\x07")}, "< (msgpack, 1 bytes) 7\n", ""},
		{"not implied", &Raw{}, codec.NewGuess(codec.Options{}), []client.Event{opened(""), binaryMessage("\x07")}, "\x07\n", ""},
		{"does not decode", &Raw{}, codec.Fixed{Coding: msgpack}, []client.Event{binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: the byte 0xc1 begins no value\n"},
		{"implied in vain", &Raw{}, codec.NewGuess(codec.Options{}), []client.Event{opened("msgpack"), binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: the byte 0xc1 begins no value\n"},
		{"sent, and not shown", &Raw{}, codec.Fixed{Coding: msgpack}, []client.Event{sent(binaryMessage("\xc1"))}, "", ""},
		{"text", &Raw{}, codec.Fixed{Coding: msgpack}, []client.Event{textMessage("7")}, "7\n", ""},
	}
	for _, c := range cases {
		var notes bytes.Buffer
		same(t, c.name, shown(t, &Decode{To: c.to, Decoder: c.decoder, Notes: &notes}, c.events...), c.want)
		same(t, c.name+", note", notes.String(), c.note)
	}
	same(t, "too long", shown(t, &Decode{To: &Raw{}, Decoder: codec.Fixed{Coding: msgpack}, MaxMessage: 2}, pieces(packed, 1)...), "\x81\xa1\n")
}
