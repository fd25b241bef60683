package wire

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// options returns the options for a byte of the fuzzer.
func options(b byte) Options {
	o := Options{Server: b&1 != 0}
	if b&2 != 0 {
		o.Deflate = &Deflate{ServerNoContextTakeover: b&4 != 0, ClientNoContextTakeover: b&4 != 0}
	}
	if b&8 != 0 {
		o.MaxMessage = 1 << (b >> 4)
	}
	return o
}

// FuzzNext: any bytes, read in chunks of any size, give the same messages, control frames and error, and no message is longer than
// MaxMessage.
func FuzzNext(f *testing.F) {
	for _, s := range []string{
		"\x81\x05hello\x01\x01a\x89\x01!\x80\x01b\x88\x05\x03\xe8bye", "\x82\x7e\x00\x80" + string(make([]byte, 128)),
		"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", "\x41\x03\xf2\x48\xcd\x89\x01!\x80\x04\xc9\xc9\x07\x00",
		"\x81\x82\x01\x02\x03\x04ik", "\x01\x02\xf4\x90", "\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00", "\x88\x01\x03",
	} {
		for _, o := range []byte{0, 1, 2, 6, 0x4a, 0x2a} {
			f.Add([]byte(s), uint16(1), o)
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, chunk uint16, setting byte) {
		o := options(setting)
		if len(stream) > 0 && o.Deflate != nil && o.MaxMessage == 0 {
			o.MaxMessage = 1 << 20 // TestBomb covers unlimited messages
		}
		whole, err := read(bytes.Clone(stream), 0, o)
		for _, n := range []int{1, int(chunk)} {
			split, splitErr := read(bytes.Clone(stream), n, o)
			if !equal(whole, split) || fmt.Sprint(err) != fmt.Sprint(splitErr) {
				t.Fatalf("at once: %d messages and %v; in chunks of %d: %d and %v", len(whole), err, n, len(split), splitErr)
			}
		}
		for _, m := range whole {
			if o.MaxMessage > 0 && !m.op.control() && int64(len(m.payload)) > o.MaxMessage {
				t.Fatalf("a message of %d bytes, bound %d", len(m.payload), o.MaxMessage)
			}
		}
	})
}

// FuzzRoundTrip: what either role writes, whole, in fragments or compressed, is read unchanged.
// The script is a list of (kind, length) pairs.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{0, 5, 1, 200, 2, 30, 3, 0, 4, 9, 5, 255}, byte(0), uint16(0))
	f.Add([]byte{1, 255, 5, 255, 5, 255, 2, 100, 0, 100, 4, 4}, byte(3), uint16(7))
	f.Fuzz(func(t *testing.T, script []byte, setting byte, chunk uint16) {
		o := options(setting &^ 8)
		var s memoryStream
		w := NewConn(&s, o)
		var want []received
		for len(script) > 1 && len(want) < 50 {
			kind, n := script[0], int(script[1])
			script = script[2:]
			switch kind % 6 {
			case 0:
				want = append(want, write(t, w, outgoing{Text, n, 0}))
			case 1:
				want = append(want, write(t, w, outgoing{Binary, n * n, 0}))
			case 2:
				want = append(want, write(t, w, outgoing{Text, n * 3, 1 + int(kind)}))
			case 3:
				want = append(want, write(t, w, outgoing{Ping, n % 126, 0}))
			case 4:
				want = append(want, write(t, w, outgoing{Pong, n % 126, 0}))
			case 5:
				want = append(want, write(t, w, outgoing{Text, n * 100, 0}))
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		o.Server = !o.Server
		all, err := read(s.out.Bytes(), int(chunk), o)
		if err != io.EOF || !equal(all, want) {
			t.Fatalf("wrote %d messages, read %d, %v", len(want), len(all), err)
		}
	})
}
