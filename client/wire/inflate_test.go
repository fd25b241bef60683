package wire

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/klauspost/compress/flate"
)

// inflateAll inflates a stream in chunks; 0 = at once. With an error it returns what was inflated before.
func inflateAll(z *inflater, src []byte, chunk int) ([]byte, error) {
	var out []byte
	if chunk == 0 {
		chunk = max(1, len(src))
	}
	for len(src) > 0 {
		part := src[:min(chunk, len(src))]
		src = src[len(part):]
		for len(part) > 0 || z.full() {
			rest, err := z.inflate(part)
			out = append(out, z.output()...)
			if err != nil {
				return out, err
			}
			part = rest
		}
	}
	return out, nil
}

// TestInflateRFC decodes the examples of RFC 7692, section 7.2.3.
func TestInflateRFC(t *testing.T) {
	hello := "\xf2\x48\xcd\xc9\xc9\x07\x00"
	for _, tt := range []struct {
		what  string
		bytes string
		want  []received
		d     Deflate
	}{
		{"one block", "\xc1\x07" + hello, []received{{Text, "Hello"}}, Deflate{}},
		{"fragments", "\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00", []received{{Text, "Hello"}}, Deflate{}},
		{"context takeover", "\xc1\x07" + hello + "\xc1\x05\xf2\x00\x11\x00\x00", []received{{Text, "Hello"}, {Text, "Hello"}}, Deflate{}},
		{"no context takeover", "\xc1\x07" + hello + "\xc1\x07" + hello, []received{{Text, "Hello"}, {Text, "Hello"}},
			Deflate{ServerNoContextTakeover: true}},
		{"a stored block", "\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", []received{{Text, "Hello"}}, Deflate{}},
		{"a final block", "\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00", []received{{Text, "Hello"}}, Deflate{}},
		{"two blocks", "\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", []received{{Text, "Hello"}}, Deflate{}},
		{"empty", "\xc1\x01\x00", []received{{Text, ""}}, Deflate{}},
		{"a ping inside", "\x41\x03\xf2\x48\xcd\x89\x01!\x80\x04\xc9\xc9\x07\x00", []received{{Ping, "!"}, {Text, "Hello"}}, Deflate{}},
		{"empty fragments", "\x41\x00\x00\x03\xf2\x48\xcd\x00\x00\x00\x04\xc9\xc9\x07\x00\x80\x00", []received{{Text, "Hello"}}, Deflate{}},
	} {
		for chunk := range 4 {
			all, err := read([]byte(tt.bytes), chunk, Options{Deflate: &tt.d})
			if err != io.EOF || !equal(all, tt.want) {
				t.Errorf("%s, in chunks of %d: %v, %v, want %v", tt.what, chunk, all, err, tt.want)
			}
		}
	}
}

// TestInflateErrors: data that is not DEFLATE, or does not end as RFC 7692 requires.
func TestInflateErrors(t *testing.T) {
	for what, data := range map[string]string{
		"nothing":                     "",
		"an unknown block type":       "\x06",
		"an invalid stored length":    "\x00\x05\x00\xfb\xff",
		"too many literal codes":      "\xfc\x00\x00",
		"a match before the start":    "\xf2\x00\x11\x00\x00",
		"an end inside a block":       "\xf2\x48\xcd",
		"an end without an empty one": "\x01\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f",
		"the tail that is not sent":   "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
		"half a tail":                 "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00",
	} {
		frame := append([]byte{0xc2, byte(len(data))}, data...)
		for chunk := range 3 {
			if _, err := read(frame, chunk, Options{Deflate: &Deflate{}}); code(err) != 1007 {
				t.Errorf("%s, in chunks of %d: %v, want code 1007", what, chunk, err)
			}
		}
	}
}

// samples returns payloads for which a compressor uses all kinds of blocks and codes.
func samples() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 110_000)
	skewed := make([]byte, 110_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
		skewed[i] = byte(min(r.ExpFloat64()*3, 255))
	}
	return map[string][]byte{
		"empty": {}, "one byte": {7}, "zeros": make([]byte, 200_000), "noise": noise, "skewed": skewed,
		"words": payload(Text, 110_000), "mixed": append(append(bytes.Clone(skewed[:40_000]), noise[:40_000]...), skewed[:70_000]...),
	}
}

// TestInflateAgainstCompressors inflates the output of a compressor at each level, in chunks of several sizes.
func TestInflateAgainstCompressors(t *testing.T) {
	for name, sample := range samples() {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 4, 6, 9} {
			var compressed bytes.Buffer
			w, err := flate.NewWriter(&compressed, level)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(sample)
			w.Flush()
			w.Close()
			for _, chunk := range []int{0, 7} {
				out, err := inflateAll(newInflater(), compressed.Bytes(), chunk)
				if err != nil || !bytes.Equal(out, sample) {
					t.Errorf("%s, level %d, chunks of %d: %d bytes, %v, want %d", name, level, chunk, len(out), err, len(sample))
				}
			}
		}
	}
}

// compressAll compresses a message.
func compressAll(d *deflater, message []byte) (all []byte, err error) {
	for done := false; !done && err == nil; {
		var compressed []byte
		compressed, message, err = d.compress(message)
		all = append(all, compressed...)
		done = len(message) == 0
	}
	return all, err
}

// TestWindowSize: matches reach no further back than the agreed window.
func TestWindowSize(t *testing.T) {
	for bits := 8; bits <= 15; bits++ {
		for name, sample := range samples() {
			if len(sample) == 0 {
				continue
			}
			d, err := newDeflater(bits, false)
			if err != nil {
				t.Fatal(err)
			}
			d.begin()
			compressed, err := compressAll(d, sample)
			if err != nil {
				t.Fatal(err)
			}
			z := newInflater()
			farthest := 0
			for _, b := range compressed {
				for src := []byte{b}; len(src) > 0; {
					src, err = z.inflate(src)
					z.output()
					if err != nil {
						t.Fatal(err)
					}
					farthest = max(farthest, z.distance)
				}
			}
			if farthest > 1<<bits {
				t.Errorf("%s with a window of %d bits: a match reaches back %d bytes", name, bits, farthest)
			}
		}
	}
}

// bomb returns a compressed message of n zeros.
func bomb(t *testing.T, n int) []byte {
	t.Helper()
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<18)
	for ; n > 0; n -= len(zeros) {
		w.Write(zeros[:min(n, len(zeros))])
	}
	w.Flush()
	p := compressed.Bytes()
	return p[:len(p)-tailLength]
}

// allocated runs f and returns the bytes it allocated.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestBomb: a frame of 100 KB that inflates to 100 MB is refused at MaxMessage, in constant memory.
func TestBomb(t *testing.T) {
	data := bomb(t, 100<<20)
	frame := append(appendHeader(nil, header{fin: true, rsv: rsvCompressed, opcode: Binary, length: int64(len(data))}), data...)
	for _, bound := range []int64{1, 10 << 20} {
		var size int64
		var err error
		used := allocated(func() {
			c := NewConn(&memoryStream{in: frame}, Options{Deflate: &Deflate{}, MaxMessage: bound})
			var p Fragment
			for err == nil {
				size += int64(len(p.Payload))
				p, err = c.Next()
			}
		})
		if code(err) != CodeTooBig || size > bound {
			t.Errorf("bound %d: %v after %d bytes", bound, err, size)
		}
		if used > 1<<20 {
			t.Errorf("bound %d: %d bytes allocated", bound, used)
		}
	}
}

// TestEmptyFloods: empty blocks, empty fragments and an announced length do not allocate memory.
func TestEmptyFloods(t *testing.T) {
	blocks := bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), 1<<18)
	floods := map[string][]byte{
		"empty blocks":    append(append(appendHeader(nil, header{fin: true, rsv: 4, opcode: Text, length: int64(len(blocks) + 1)}), blocks...), 0),
		"empty fragments": append(append([]byte{0x01, 0x00}, make([]byte, 1<<20)...), 0x80, 0x00),
		"pings":           bytes.Repeat([]byte("\x89\x00"), 1<<18),
		"2^62 bytes":      []byte("\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00"),
	}
	for what, stream := range floods {
		var err error
		used := allocated(func() {
			c := NewConn(&memoryStream{in: stream}, Options{Deflate: &Deflate{}})
			for err == nil {
				_, err = c.Next()
			}
		})
		if used > 1<<20 {
			t.Errorf("%s: %d bytes allocated", what, used)
		}
		if want := map[bool]error{true: io.ErrUnexpectedEOF, false: io.EOF}[what == "2^62 bytes"]; err != want {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
}

// FuzzInflate: what compress/flate inflates, the inflater inflates to the same, in chunks of any size.
func FuzzInflate(f *testing.F) {
	f.Add([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"), 3)
	for name, sample := range samples() {
		for _, level := range []int{1, 9} {
			var compressed bytes.Buffer
			w, _ := flate.NewWriter(&compressed, level)
			w.Write(sample[:min(len(sample), 3000)])
			w.Close()
			f.Add(compressed.Bytes(), len(name))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte, chunk int) {
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(src)), 1<<22))
		if wantErr == nil && len(want) == 1<<22 {
			return
		}
		z := newInflater()
		out, err := inflateAll(z, src, max(0, chunk%100))
		if wantErr == nil && !bytes.HasPrefix(out, want) { // after a final block the inflater goes on, compress/flate does not
			t.Fatalf("%d bytes inflated, want %d", len(out), len(want))
		}
		whole, sameErr := inflateAll(newInflater(), src, 0)
		if !bytes.Equal(whole, out) || fmt.Sprint(sameErr) != fmt.Sprint(err) {
			t.Fatalf("in chunks %d bytes and %v, at once %d and %v", len(out), err, len(whole), sameErr)
		}
	})
}

// FuzzDeflate: what is compressed inflates to the original, for each window, with and without context takeover.
func FuzzDeflate(f *testing.F) {
	for i, sample := range samples() {
		f.Add(sample[:min(len(sample), 4000)], byte(len(i)), true, 100)
	}
	f.Fuzz(func(t *testing.T, message []byte, bits byte, noTakeover bool, chunk int) {
		d, err := newDeflater(8+int(bits%8), noTakeover)
		if err != nil {
			t.Fatal(err)
		}
		z := newInflater()
		for round := range 3 {
			if noTakeover {
				z.reset()
			}
			d.begin()
			compressed, err := compressAll(d, message)
			if err != nil {
				t.Fatal(err)
			}
			out, err := inflateAll(z, compressed, max(0, chunk%1000))
			if err == nil {
				err = z.endMessage()
			}
			if err != nil || !bytes.Equal(out, message) {
				t.Fatalf("round %d: %d bytes became %d, %d, %v", round, len(message), len(compressed), len(out), err)
			}
		}
	})
}

// BenchmarkInflate compares the inflater with the library's on a short message, as most are.
func BenchmarkInflate(b *testing.B) {
	text := []byte(`{"id":1,"channel":"prices","data":{"symbol":"EURUSD","bid":1.0841,"ask":1.0843}}`)
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.DefaultCompression)
	if err != nil {
		b.Fatal(err)
	}
	w.Write(text)
	w.Flush()
	b.Run("own", func(b *testing.B) {
		z := newInflater()
		for b.Loop() {
			if rest, err := z.inflate(compressed.Bytes()); err != nil || len(rest) > 0 || len(z.output()) != len(text) {
				b.Fatal(err, rest)
			}
			z.reset()
		}
	})
	b.Run("library", func(b *testing.B) {
		z, source, out := flate.NewReader(nil), bytes.NewReader(nil), make([]byte, len(text))
		for b.Loop() {
			source.Reset(compressed.Bytes())
			z.(flate.Resetter).Reset(source, nil)
			if _, err := io.ReadFull(z, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
