package codec

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

type flusher interface {
	io.WriteCloser
	Flush() error
}

func newCompressor(t *testing.T, name string, to io.Writer) flusher {
	t.Helper()
	if name == "zlib-stream" {
		return zlib.NewWriter(to)
	}
	w, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestStreams decodes messages that refer to earlier ones, in both directions.
func TestStreams(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range []string{"zlib-stream", "zstd-stream"} {
		d, err := NewDecoder(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var buffers [2]bytes.Buffer
		writers := [2]flusher{newCompressor(t, name, &buffers[0]), newCompressor(t, name, &buffers[1])}
		for i := range 20 {
			for side, w := range writers {
				text := strings.Repeat(`{"op":10,"d":{"heartbeat_interval":41250}}`, 1+i*side)
				io.WriteString(w, text)
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				message := bytes.Clone(buffers[side].Bytes())
				buffers[side].Reset()
				half := len(message) / 2
				if i%2 == 0 {
					half = 0
				}
				m := Message{Data: message[:half], Sent: side == 1}
				if got, err := next(d, m); err != nil || got != "" && half == 0 {
					t.Fatalf("%s %d: the first half decoded as %q, %v", name, i, got, err)
				} else {
					text = strings.TrimPrefix(text, got)
				}
				m.Data = message[half:]
				if got, err := next(d, m); err != nil || got != text {
					t.Fatalf("%s %d: %q, %v; want %q", name, i, got, err, text)
				}
			}
		}
	}
}

// TestBrokenStreams: after an error or the end of a stream a new one begins.
func TestBrokenStreams(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range []string{"zlib-stream", "zstd-stream"} {
		d, err := NewDecoder(name, Options{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := newCompressor(t, name, &b)
		io.WriteString(w, "whole")
		w.Close()
		complete := bytes.Clone(b.Bytes())
		b.Reset()
		w = newCompressor(t, name, &b)
		w.Write(make([]byte, 2000))
		w.Flush()
		for range 2 {
			if got, err := next(d, Message{Data: complete}); err != nil || got != "whole" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			if name == "zstd-stream" {
				d.Begin("") // frames of zstd follow each other
			}
			if got, err := next(d, Message{Data: []byte("hello, world")}); err == nil || !strings.HasPrefix(err.Error(), "not "+name+": ") {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			if got, err := next(d, Message{Data: b.Bytes()}); err == nil {
				t.Errorf("%s: %d bytes", name, len(got))
			}
		}
		d.Close()
	}
}

func TestZstdWithADictionary(t *testing.T) {
	dictionary := []byte(`{"event":"trade","symbol":"BTCUSD","price":`)
	o := Options{Dictionary: dictionary}
	if err := CheckDictionary(dictionary); err != nil {
		t.Error(err)
	}
	if err := CheckDictionary([]byte("\x37\xa4\x30\xec nonsense")); err == nil {
		t.Error("an invalid dictionary is accepted")
	}
	const text = `{"event":"trade","symbol":"BTCUSD","price":17}`
	payload := encoded(t, "zstd", o, text)
	if plain := encoded(t, "zstd", Options{}, text); len(payload) >= len(plain) {
		t.Errorf("%d bytes, %d without the dictionary", len(payload), len(plain))
	}
	if got, err := decoded(t, "zstd", o, Message{Data: payload}); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := decoded(t, "zstd", Options{}, Message{Data: payload}); err == nil && got == text {
		t.Errorf("%q without the dictionary", got)
	}
}

// TestEndsOfDeflate decodes streams with each of the ends in use.
func TestEndsOfDeflate(t *testing.T) {
	const text = `{"a":1,"b":"hello hello hello"}`
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Flush()
	flushed := bytes.Clone(b.Bytes())
	w.Close()
	for what, payload := range map[string][]byte{"closed": b.Bytes(), "flushed": flushed, "as permessage-deflate": bytes.TrimSuffix(flushed, []byte(syncFlush))} {
		if got, err := decoded(t, "deflate", Options{}, Message{Data: payload}); err != nil || got != text {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	if got, err := decoded(t, "deflate", Options{}, Message{Data: []byte("hello, world")}); err == nil {
		t.Errorf("text decoded as %q", got)
	}
}
