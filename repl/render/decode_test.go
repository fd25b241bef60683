package render

import (
	"bytes"
	"testing"

	"wsx/client"
	"wsx/client/dial"
	"wsx/codec"
)

func TestDecode(t *testing.T) {
	named := func(name string) *codec.Decoder {
		d, err := codec.NewDecoder(name, codec.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	packed := binaryMessage("\x81\xa1a\x01") // {"a":1}
	opened := func(subprotocol string) client.Event {
		return client.Event{Kind: client.KindOpen, Detail: &dial.Handshake{Subprotocol: subprotocol}}
	}
	cases := []struct {
		name    string
		to      Renderer
		decoder *codec.Decoder
		events  []client.Event
		want    string
		note    string
	}{
		{"guessed", &Pretty{}, named(codec.Auto), fragments(packed, 2), "< (msgpack, 4 bytes) {\n    \"a\": 1\n  }\n", ""},
		{"named", &Raw{}, named("msgpack"), fragments(packed, 2), "{\"a\":1}\n", ""},
		{"queried", &JQ{Query: query(t, ".a")}, named("msgpack"), fragments(packed, 1), "1\n", ""},
		{"implied", &Pretty{}, named(codec.Auto), []client.Event{opened("msgpack"), binaryMessage("\x07")}, "< (msgpack, 1 bytes) 7\n", ""},
		{"not implied", &Raw{}, named(codec.Auto), []client.Event{opened(""), binaryMessage("\x07")}, "\x07\n", ""},
		{"does not decode", &Raw{}, named("msgpack"), []client.Event{binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: no value begins with the byte 0xc1\n"},
		{"not what is implied", &Raw{}, named(codec.Auto), []client.Event{opened("msgpack"), binaryMessage("\xc1")}, "\xc1\n", "* not msgpack: no value begins with the byte 0xc1\n"},
		{"queried, and does not decode", &JQ{Query: query(t, ".a")}, named("msgpack"), []client.Event{binaryMessage("\xc1")}, "", "* not msgpack: no value begins with the byte 0xc1\n"},
		{"several values", &Raw{}, named("stomp"), []client.Event{textMessage("A\n\n\x00B\n\n\x00")},
			`{"command":"A","headers":{},"body":""}` + "\n" + `{"command":"B","headers":{},"body":""}` + "\n", ""},
		{"several values, pretty", &Pretty{}, named("cbor"), []client.Event{binaryMessage("\x01\x02")}, "< (cbor, 1 of 2 in 2 bytes) 1\n< (cbor, 2 of 2 in 2 bytes) 2\n", ""},
		{"a value in two messages", &Raw{}, named("mqtt"), []client.Event{binaryMessage("\xd0"), binaryMessage("\x00")}, `{"packet":"PINGRESP"}` + "\n", ""},
		{"a value that is not complete", &Raw{}, named("mqtt"), []client.Event{binaryMessage("\xd0"), {Kind: client.KindEnd}}, "", "* mqtt: the last 1 bytes are incomplete\n"},
		{"sent, and not shown", &Raw{}, named("msgpack"), []client.Event{sent(binaryMessage("\xc1"))}, "", ""},
		{"text", &Raw{}, named("msgpack"), []client.Event{textMessage("7")}, "7\n", ""},
	}
	for _, c := range cases {
		var notes bytes.Buffer
		if jq, ok := c.to.(*JQ); ok {
			jq.Notes = &notes
		}
		same(t, c.name, shown(t, &Decode{To: c.to, Decoder: c.decoder, Notes: &notes}, c.events...), c.want)
		same(t, c.name+", note", notes.String(), c.note)
	}
	same(t, "too long", shown(t, &Decode{To: &Raw{}, Decoder: named("msgpack"), MaxMessage: 2}, fragments(packed, 1)...), "\x81\xa1\n")
}
