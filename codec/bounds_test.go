package codec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxGrowth is the maximum number of bytes of JSON for each byte of a payload, in codecs that do not compress. A CBOR tag of one byte
// has 19 bytes as JSON.
const maxGrowth = 20

// minGrown is the number of bytes of JSON that are always allowed, for members of an object that have no bytes in the payload.
const minGrown = 200

// TestKeysInKeys: the text does not double at each level if maps are the keys of maps.
func TestKeysInKeys(t *testing.T) {
	for name, payload := range map[string]string{
		"cbor":    strings.Repeat("a1", 40) + strings.Repeat("01", 41),
		"msgpack": strings.Repeat("81", 40) + strings.Repeat("01", 41),
	} {
		for _, d := range []string{name, Auto} {
			data := fromHex(t, payload)
			got, err := decoded(t, d, Options{}, Message{Data: data})
			want := `{"` + strings.Repeat("{", 39) + "1" + strings.Repeat(":1}", 39) + `":1}`
			if err != nil || got != want {
				t.Errorf("%s %s: %.200s, %v", name, d, got, err)
			}
		}
	}
}

// TestComplexity: messages with too many values or too much text are errors.
func TestComplexity(t *testing.T) {
	const tooMany = minValues + 1
	for _, c := range []struct {
		name    string
		o       Options
		payload []byte
		want    string
	}{
		{"msgpack", Options{Limit: 1}, append([]byte{0xdd, 0, 1, 0, 1}, bytes.Repeat([]byte{0xc0}, tooMany)...), "msgpack: too complex to be shown, 65538 values"},
		{"cbor", Options{Limit: 1}, append(append([]byte{0x9f}, bytes.Repeat([]byte{0xf6}, tooMany)...), 0xff), "cbor: too complex to be shown, 65538 values"},
		{"cbor", Options{Limit: 1}, append([]byte{0x79, 0x80, 0}, bytes.Repeat([]byte{1}, 0x8000)...), "cbor: too complex to be shown, 1 values that take 196610 bytes as JSON"},
		{"protobuf", Options{Limit: 1}, bytes.Repeat([]byte{8, 1}, tooMany), "protobuf: too complex to be shown, 65538 values"},
		{"mqtt", Options{Limit: 1 << 10}, bytes.Repeat([]byte{0xc0, 0}, tooMany), "mqtt: too complex to be shown, 65537 values"},
		{"signalr", Options{Limit: 1}, bytes.Repeat([]byte("1\x1e"), tooMany), "signalr: too complex to be shown, 65537 values"},
		{"stomp", Options{Limit: 1}, bytes.Repeat([]byte("A\n\n\x00"), tooMany), "stomp: too complex to be shown, 65537 values"},
	} {
		_, err := decoded(t, c.name, c.o, Message{Data: c.payload})
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if _, err := decoded(t, "stomp", Options{}, Message{Data: []byte("A\n" + manyHeaders(maxHeaders+1) + "\n\x00")}); err == nil || err.Error() != "not stomp: more than 10000 headers" {
		t.Error(err)
	}
}

// TestNesting: deeply nested messages, each of which is examined before it is written, do not take too long.
func TestNesting(t *testing.T) {
	const size = 256 << 10
	for name, inner := range map[string][]byte{
		"fields":           bytes.Repeat([]byte{8, 1}, size/2),
		"text and no text": append(bytes.Repeat([]byte("a"), size), 1),
	} {
		for depth, isComplex := range map[int]bool{3: false, maxDepth - 1: true} {
			lengths, groups := inner, inner
			for range depth {
				lengths = protowire.AppendBytes([]byte{0x0a}, lengths)
				groups = append(append([]byte{0x0b}, groups...), 0x0c)
			}
			for kind, payload := range map[string][]byte{"lengths": lengths, "groups": groups} {
				if kind == "groups" && name != "fields" {
					continue
				}
				_, err := decoded(t, "protobuf", Options{}, Message{Data: payload})
				var complexity *ComplexityError
				if errors.As(err, &complexity) != isComplex {
					t.Errorf("%s in %d %s: %v", name, depth, kind, err)
				}
			}
		}
	}
}

func manyHeaders(n int) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(string(rune('0'+i%10)) + strings.Repeat("x", i/10) + ":\n")
	}
	return text.String()
}

// TestLongIntegers: integers whose decimal conversion would take too long are hexadecimal.
func TestLongIntegers(t *testing.T) {
	for _, c := range []struct {
		tag    byte
		size   int
		prefix string
	}{
		{0xc2, maxDecimal, "1797"}, {0xc2, maxDecimal + 1, `"0xffff`}, {0xc3, maxDecimal + 1, `"-0x1000`}, {0xc2, 16 << 20, `"0xffff`},
	} {
		payload := append([]byte{c.tag, 0x5a, byte(c.size >> 24), byte(c.size >> 16), byte(c.size >> 8), byte(c.size)}, bytes.Repeat([]byte{0xff}, c.size)...)
		got, err := decoded(t, "cbor", Options{}, Message{Data: payload})
		if c.size == maxDecimal {
			c.prefix = got[:4] // only the number of digits matters
			if len(got) != 2467 {
				t.Errorf("%d digits", len(got))
			}
		}
		if err != nil || !strings.HasPrefix(got, c.prefix) {
			t.Errorf("%d bytes: %.20s, %v", c.size, got, err)
		}
	}
}

// TestInterrupted: decoding a long message ends with its context.
func TestInterrupted(t *testing.T) {
	for _, name := range []string{"msgpack", "cbor", "gzip", Auto} {
		payload := append([]byte{0xdd, 1, 0, 0, 0}, bytes.Repeat([]byte{0xc0}, 1<<24)...)
		switch name {
		case "cbor":
			payload = append([]byte{0x9a, 1, 0, 0, 0}, bytes.Repeat([]byte{0xf6}, 1<<24)...)
		case "gzip":
			payload = encoded(t, "gzip", Options{}, strings.Repeat(" ", 1<<24))
		}
		d, err := NewDecoder(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
		if _, err := d.Decode(ctx, Message{Data: payload}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// TestAllocation: decoding allocates at most eight times the limit.
func TestAllocation(t *testing.T) {
	const limit = 1 << 20
	huge := func(prefix, unit string) []byte {
		return append([]byte(prefix), bytes.Repeat([]byte(unit), (limit-len(prefix))/len(unit))...)
	}
	for name, payloads := range map[string][][]byte{
		"msgpack":  {huge("\xdd\x00\x0f\xff\xfb", "\xc0"), huge("\xdb\x00\x0f\xff\xfb", "\x01"), huge("\xc6\x00\x0f\xff\xfb", "\x01"), huge("\xdf\x00\x04\x00\x00", "\x81\x01\x02\x03")},
		"cbor":     {huge("\x9f", "\x40"), huge("\x9f", "\xf0"), huge("", "\xa1\x80\x80"), huge("\x7a\x00\x0f\xff\xfb", "\x01"), huge("\x9f", "\xc4\xc4\xc4\xc4\xc4\xf6")},
		"protobuf": {huge("", "\x08\x01"), huge("", "\x0a\x00"), huge("", "\x0b\x0b\x08\x01\x0c\x0c"), huge("", "\x0a\x02\x08\x01")},
		"mqtt":     {huge("", "\xc0\x00"), huge("", "\xb0\x02\x00\x00"), huge("\xf0\xfb\xff\x3f\x00\xf6\xff\x3f", "\x26\x00\x00\x00\x00")},
		"stomp":    {huge("", "A\n\n\x00"), huge("A\n", ":\n"), huge("A\n\n", "\x01")},
		"signalr":  {huge("", "123\x1e")}, // json.Valid allocates with the race detector
		"k8s":      {huge("\x01", "\x01"), huge("\x01", "\xff")},
		"gzip":     {encoded(t, "gzip", Options{}, string(make([]byte, limit)))},
		"zstd":     {encoded(t, "zstd", Options{}, string(make([]byte, limit)))},
		Auto:       {huge("\xdd\x00\x0f\xff\xfb", "\xc0"), huge("\x9f", "\xf0"), encoded(t, "gzip", Options{}, string(make([]byte, limit)))},
	} {
		for i, payload := range payloads {
			d, err := NewDecoder(name, Options{Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			d.Decode(context.Background(), Message{Data: []byte("\x1f\x8b")}) // allocates what is kept for further messages
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := d.Decode(context.Background(), Message{Data: payload})
			runtime.ReadMemStats(&after)
			text := 0
			for _, value := range got.Values {
				text += len(value)
			}
			if text > textPerByte*limit {
				t.Errorf("%s %d: %d bytes of text", name, i, text)
			}
			if total := after.TotalAlloc - before.TotalAlloc; total > 7*limit+1<<20 { // one more limit is allowed for the message
				t.Errorf("%s %d: %d bytes of %d were allocated: %.80v", name, i, total, limit, err)
			}
			d.Close()
		}
	}
}

// FuzzDecode: for any payload, a decoder returns an *Error or JSON that is not much longer than the payload or the limit.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"82a7636f6d70616374c3a6736368656d6100", "a26161016162820203", "1a03089601", "d6ff00000000", "c7032a010203", "a1a1a1010203",
		"c2420102", "c4c4c4f6", "300a0003612f6268656c6c6f", "101300044d515454050200 3c 00 000461626364", "82060001000161 00", "5fff", "0b0c",
		"534544 0a613a62 0a 0a 00", "7b7d1e7b7d1e", "01616263", "ff01", "789c03000000 0001", "28b52ffd0400010000", "030000000001ffff",
	} {
		f.Add(fromHex(f, seed), false)
	}
	schema := testSchema(f)
	f.Fuzz(func(t *testing.T, payload []byte, isText bool) {
		const limit = 1 << 16
		for _, o := range []Options{{Limit: limit}, {Limit: limit, Schema: schema}} {
			for _, c := range append(Codecs(), Codec{Name: Auto}) {
				d, err := NewDecoder(c.Name, o)
				if err != nil {
					t.Fatal(err)
				}
				for _, sent := range []bool{false, true, false} {
					got, err := d.Decode(context.Background(), Message{payload, isText, sent})
					if err != nil {
						continue
					}
					text := 0
					for _, value := range got.Values {
						text += len(value)
						if !c.compresses && !strings.Contains(got.Codec, "gzip") && !strings.Contains(got.Codec, "zstd") && !json.Valid(value) {
							t.Fatalf("%s %x: decoded as %q", c.Name, payload, value)
						}
					}
					if text > textPerByte*limit || !c.compresses && c.Name != Auto && c.Name != "mqtt" && text > maxGrowth*len(payload)+minGrown {
						t.Fatalf("%s %x: decoded as %d bytes", c.Name, payload, text)
					}
				}
				d.Close()
			}
		}
	})
}

// FuzzEncoders: for any text, an encoder returns an error or a payload that can be decoded.
func FuzzEncoders(f *testing.F) {
	for _, seed := range []string{
		`{"packet":"CONNECT","version":5,"client":"c","will":{"topic":"t","payload":"x"},"user":"u","password":"p","properties":{"receive_maximum":1}}`,
		`{"packet":"SUBSCRIBE","id":1,"topics":["a",{"topic":"b","qos":1}]}`, `{"packet":"PUBLISH","topic":"t","qos":1,"id":2,"payload":{"a":1}}`,
		`{"packet":"PUBACK","id":2,"code":16}`, `{"command":"SEND","headers":{"a:b":"c\n"},"body":"x"}`, `{"channel":0,"data":"ls\n"}`, `{"name":"resize","data":{"Width":80}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{"mqtt", "stomp", "k8s", "signalr"} {
			encode, err := NewEncoder(name, Options{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := encode(text)
			if err != nil {
				continue
			}
			d, err := NewDecoder(name, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Decode(context.Background(), m); err != nil || len(got.Values) != 1 {
				t.Fatalf("%s %s: %x is not decoded: %v", name, text, m.Data, err)
			}
		}
	})
}
