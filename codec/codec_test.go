package codec

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// decoded returns the values of a message, one a line.
func decoded(t testing.TB, name string, o Options, m Message) (string, error) {
	t.Helper()
	d, err := NewDecoder(name, o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return next(d, m)
}

// next returns the values of the next message, one a line.
func next(d *Decoder, m Message) (string, error) {
	got, err := d.Decode(context.Background(), m)
	return string(bytes.Join(got.Values, []byte("\n"))), err
}

func encoded(t testing.TB, name string, o Options, text string) []byte {
	t.Helper()
	encode, err := NewEncoder(name, o)
	if err != nil {
		t.Fatal(err)
	}
	m, err := encode([]byte(text))
	if err != nil {
		t.Fatalf("%s %s: %v", name, text, err)
	}
	return m.Data
}

func TestDecode(t *testing.T) {
	cases := []struct{ codec, payload, want string }{
		// the specification's example, and each family of types
		{"msgpack", "82 a7 636f6d70616374 c3 a6 736368656d61 00", `{"compact":true,"schema":0}`},
		{"msgpack", "93 c0 c2 e0", `[null,false,-32]`},
		{"msgpack", "94 cc ff cd ffff ce ffffffff cf ffffffffffffffff", `[255,65535,4294967295,18446744073709551615]`},
		{"msgpack", "93 d0 80 d1 8000 d3 8000000000000000", `[-128,-32768,-9223372036854775808]`},
		{"msgpack", "92 ca 3fc00000 cb 7ff8000000000001", `[1.5,"NaN"]`},
		{"msgpack", "81 01 c4 03 000102", `{"1":{"base64":"AAEC"}}`},
		{"msgpack", "d6 ff 00000000", `"1970-01-01T00:00:00Z"`},
		{"msgpack", "d4 05 07", `{"extension":5,"data":{"base64":"Bw=="}}`},
		{"msgpack", "c7 03 2a 010203", `{"extension":42,"data":{"base64":"AQID"}}`},
		// RFC 8949, appendix A
		{"cbor", "1bffffffffffffffff", `18446744073709551615`},
		{"cbor", "c349010000000000000000", `-18446744073709551617`},
		{"cbor", "f93e00", `1.5`},
		{"cbor", "f97c00", `"+Inf"`},
		{"cbor", "f6", `null`},
		{"cbor", "4401020304", `{"base64":"AQIDBA=="}`},
		{"cbor", "83 01 82 02 03 82 04 05", `[1,[2,3],[4,5]]`},
		{"cbor", "a2 01 02 03 04", `{"1":2,"3":4}`},
		{"cbor", "a2 61 61 01 61 62 82 02 03", `{"a":1,"b":[2,3]}`},
		{"cbor", "bf 61 61 01 61 62 9f 02 03 ff ff", `{"a":1,"b":[2,3]}`},
		{"cbor", "d9d9f7 a1 61 61 01", `{"a":1}`},
		{"cbor", "d820 63 613a62", `{"tag":32,"value":"a:b"}`},
		{"cbor", "c1 1a 514b67b0", `"2013-03-21T20:04:00Z"`},
		// the examples of protobuf.dev/programming-guides/encoding
		{"protobuf", "08 96 01", `{"1":150}`},
		{"protobuf", "12 07 74657374696e67", `{"2":"testing"}`},
		{"protobuf", "1a 03 08 96 01", `{"3":{"1":150}}`},
		{"protobuf", "22 05 68656c6c6f 28 01 28 02 28 03", `{"4":"hello","5":[1,2,3]}`},
		{"protobuf", "0d 01000000 11 0200000000000000 1a 01 ff", `{"1":1,"2":2,"3":{"base64":"/w=="}}`},
		{"protobuf", "0b 10 01 0c", `{"1":{"2":1}}`},
		{"json", "7b7d", `{}`},
		{"mqtt", "30 0a 0003 612f62 68656c6c6f", `{"packet":"PUBLISH","topic":"a/b","qos":0,"retain":false,"payload":"hello"}`},
		{"mqtt", "33 08 0001 61 0007 7b7d 20 d000", `{"packet":"PUBLISH","topic":"a","qos":1,"retain":true,"id":7,"payload":{} }` + "\n" + `{"packet":"PINGRESP"}`},
		{"mqtt", "20 02 0000", `{"packet":"CONNACK","session_present":false,"code":0}`},
	}
	for _, c := range cases {
		if got, err := decoded(t, c.codec, Options{}, Message{Data: fromHex(t, c.payload)}); err != nil || got != c.want {
			t.Errorf("%s %s: %s, %v; want %s", c.codec, c.payload, got, err, c.want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	cases := []struct{ codec, payload string }{
		{"msgpack", ""}, {"msgpack", "c1"}, {"msgpack", "0101"}, {"msgpack", "dfffffffff"}, {"msgpack", "a5 61"}, {"msgpack", "c7"},
		{"msgpack", strings.Repeat("91", maxDepth+2) + "00"},
		{"cbor", ""}, {"cbor", "9bffffffffffffffff"}, {"cbor", "61ff"},
		{"cbor", strings.Repeat("81", maxDepth+2) + "00"},
		{"protobuf", "08"}, {"protobuf", "0a05"}, {"protobuf", "0f"}, {"protobuf", "00"},
		{"mqtt", ""}, {"mqtt", "00"}, {"mqtt", "30020005"}, {"mqtt", "3203000161"}, {"stomp", "53454e44"},
		{"gzip", "1f8b08"}, {"gzip", "ff"}, {"json", "7b"},
	}
	for _, c := range cases {
		if got, err := decoded(t, c.codec, Options{}, Message{Data: fromHex(t, c.payload)}); err == nil {
			t.Errorf("%s %.20s: decoded as %s", c.codec, c.payload, got)
		}
	}
}

func TestBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	w.Write(make([]byte, 1001))
	w.Close()
	if _, err := decoded(t, "gzip", Options{Limit: 1000}, Message{Data: bomb.Bytes()}); err == nil || err.Error() != "not gzip: it inflates to more than 1000 bytes" {
		t.Errorf("%d bytes: %v", bomb.Len(), err)
	}
	if text, err := decoded(t, "gzip", Options{Limit: 1001}, Message{Data: bomb.Bytes()}); err != nil || len(text) != 1001 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// TestDecodeAfterError decodes valid payloads after broken ones.
func TestDecodeAfterError(t *testing.T) {
	c, err := NewDecoder("gzip", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, kind := range []string{"gzip", "zlib", "brotli"} {
			payload := compressed(t, kind, "hello, "+kind)
			if text, err := next(c, Message{Data: payload[:len(payload)-3]}); err == nil {
				t.Errorf("half of %s: decoded as %q", kind, text)
			}
			if text, err := next(c, Message{Data: payload}); err != nil || text != "hello, "+kind {
				t.Errorf("%s: decoded as %q, %v", kind, text, err)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	const text = `{"a":[1,-2,2.5,18446744073709551615,true,null],"b":{"c":"ü"},"d":{"base64":"AAEC"}}`
	for _, c := range Codecs() {
		switch c.Name {
		case "protobuf", "mqtt", "stomp", "k8s":
			continue // they encode only objects of a certain form
		}
		if !c.Encodes() {
			continue
		}
		payload := encoded(t, c.Name, Options{}, text)
		if got, err := decoded(t, c.Name, Options{}, Message{Data: payload, Text: c.Name == "stomp" || c.Name == "signalr"}); err != nil || got != text {
			t.Errorf("%s: %s, %v; want %s", c.Name, got, err, text)
		}
		encode, _ := NewEncoder(c.Name, Options{})
		if _, err := encode([]byte(`{"a":`)); err == nil && !c.compresses {
			t.Errorf("%s: text that is not JSON was encoded", c.Name)
		}
	}
	encode, _ := NewEncoder("protobuf", Options{})
	if _, err := encode([]byte(`{}`)); !errors.Is(err, ErrNoSchema) {
		t.Errorf("protobuf was encoded without a schema, %v", err)
	}
}

func compressed(t *testing.T, kind, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := map[string]interface {
		Write([]byte) (int, error)
		Close() error
	}{"gzip": gzip.NewWriter(&b), "zlib": zlib.NewWriter(&b), "brotli": brotli.NewWriter(&b)}[kind]
	w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()[:b.Len():b.Len()]
}

func TestGuess(t *testing.T) {
	const text = `{"id":1,"name":"x"}`
	encodedAs := func(name string) []byte { return encoded(t, name, Options{}, text) }
	cases := []struct {
		what        string
		subprotocol string
		payload     []byte
		name        string
		want        string
	}{
		{"msgpack", "", encodedAs("msgpack"), "msgpack", text},
		{"cbor", "", encodedAs("cbor"), "cbor", text},
		{"json", "", []byte(text), "json", text},
		{"gzip", "", compressed(t, "gzip", text), "gzip", text},
		{"gzip of text", "", compressed(t, "gzip", "hello"), "gzip", "hello"},
		{"zlib", "", compressed(t, "zlib", text), "gzip", text},
		{"brotli", "", compressed(t, "brotli", text), "gzip", text},
		{"msgpack in gzip", "", compressed(t, "gzip", string(encodedAs("msgpack"))), "gzip, msgpack", text},
		{"a number that is msgpack because of the subprotocol", "msgpack", []byte{7}, "msgpack", "7"},
		{"protobuf because of the subprotocol", "x.protobuf.v1", []byte{8, 150, 1}, "protobuf", `{"1":150}`},
		{"text", "", []byte("hello"), "", "hello"},
		{"a byte", "", []byte{7}, "", "\x07"},
		{"nothing", "", nil, "", ""},
		{"random bytes", "", []byte{0xde, 0xad, 0xbe, 0xef}, "", "\xde\xad\xbe\xef"},
		{"the beginning of zlib", "", []byte{0x78, 0x9c, 0xff}, "", "\x78\x9c\xff"},
		{"cbor although the subprotocol is stomp", "stomp", encodedAs("cbor"), "cbor", text},
	}
	for _, c := range cases {
		d, err := NewDecoder(Auto, Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.Begin(c.subprotocol)
		got, err := d.Decode(context.Background(), Message{Data: c.payload})
		text := string(bytes.Join(got.Values, nil))
		if got.Codec == "" {
			text = string(c.payload)
		}
		if got.Codec != c.name || text != c.want || err != nil {
			t.Errorf("%s: %q, %s, %v; want %q, %s", c.what, got.Codec, text, err, c.name, c.want)
		}
	}
}

// TestMismatch: payloads that are not of the codec of the subprotocol or of their magic number are errors.
func TestMismatch(t *testing.T) {
	for _, c := range []struct{ what, subprotocol, payload, name string }{
		{"by the subprotocol", "msgpack", "\xc1", "msgpack"},
		{"by the subprotocol, empty", "mqtt", "", "mqtt"},
		{"by the subprotocol, and not by its magic number either", "msgpack", "\x1f\x8b\x08", "msgpack"},
		{"by its magic number", "", "\x1f\x8b\x08", "gzip"},
	} {
		d, err := NewDecoder(Auto, Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.Begin(c.subprotocol)
		var failure *Error
		if got, err := d.Decode(context.Background(), Message{Data: []byte(c.payload)}); !errors.As(err, &failure) || failure.Codec != c.name || got.Values != nil {
			t.Errorf("%s: %v, %v", c.what, got, err)
		}
		d.Begin("")
		if _, err := next(d, Message{Data: []byte("\xc1")}); err != nil {
			t.Errorf("%s, then another session: %v", c.what, err)
		}
	}
}

func TestTextIsNotDecoded(t *testing.T) {
	for name, isTextCodec := range map[string]bool{Auto: false, "msgpack": false, "gzip": false, "stomp": true, "signalr": true, "k8s": true} {
		d, err := NewDecoder(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Decode(context.Background(), Message{Data: []byte("hello"), Text: true})
		if (err != nil) != isTextCodec || got.Codec != "" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	d, _ := NewDecoder(Auto, Options{})
	d.Begin("v12.stomp")
	if got, err := d.Decode(context.Background(), Message{Data: []byte("SEND\n\nx\x00"), Text: true}); got.Codec != "stomp" || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestImpliedCodec(t *testing.T) {
	for name, want := range map[string]string{
		"graphql-transport-ws": "json", "graphql-ws": "json", "json": "json", "wamp.2.json": "json", "wamp.2.msgpack": "msgpack",
		"msgpack": "msgpack", "wamp.2.cbor": "cbor", "mqtt": "mqtt", "mqttv3.1": "mqtt", "v12.stomp": "stomp", "chat": "", "": "",
	} {
		if got := implied(name); got != want {
			t.Errorf("%q implies %q, want %q", name, got, want)
		}
	}
}

// FuzzEncode: an encoded value decodes to the same value.
func FuzzEncode(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2,2.5,true,null],"b":{"c":"ü"},"d":{"base64":"AAEC"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		want, err := parse(text)
		if err != nil || strings.ContainsAny(string(text), ".eE") || bytes.Contains(text, []byte("base64")) {
			return // numbers can be written in several ways
		}
		if regexp.MustCompile(`[0-9]{19}`).Match(text) {
			return // msgpack has no integers of more than 64 bits
		}
		for _, name := range []string{"msgpack", "cbor"} {
			encode, _ := NewEncoder(name, Options{})
			m, err := encode(text)
			if err != nil {
				continue
			}
			got, err := decoded(t, name, Options{}, m)
			if errors.Is(err, errTooDeep) {
				continue
			}
			if err != nil {
				t.Fatalf("%s %s: %v", name, text, err)
			}
			value, err := parse([]byte(got))
			if err != nil || !reflect.DeepEqual(withoutNegativeZero(value), withoutNegativeZero(want)) {
				t.Fatalf("%s %s: %s, %v", name, text, got, err)
			}
		}
	})
}

// withoutNegativeZero replaces each -0 by 0.
func withoutNegativeZero(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = withoutNegativeZero(v[name])
		}
	case []any:
		for i := range v {
			v[i] = withoutNegativeZero(v[i])
		}
	case json.Number:
		if v == "-0" {
			return json.Number("0")
		}
	}
	return value
}

func BenchmarkDecode(b *testing.B) {
	const text = `{"id":12345,"method":"trade","price":17.25,"side":"buy"}`
	o := Options{Schema: testSchema(b)}
	for _, row := range []struct{ name, text string }{
		{"json", text}, {"msgpack", text}, {"cbor", text}, {"gzip", text}, {"zstd", text}, {"signalr", text},
		{"protobuf", `{"id":12345,"name":"trade","ratio":17.25}`},
		{"mqtt", `{"packet":"PUBLISH","topic":"trades","payload":` + text + `}`},
		{"stomp", `{"command":"MESSAGE","headers":{"destination":"trades"},"body":` + text + `}`},
	} {
		m := Message{Data: encoded(b, row.name, o, row.text)}
		d, err := NewDecoder(row.name, o)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Decode(context.Background(), m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
