package wire

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"
)

// loop is a stream that reads the same bytes for ever, and discards what is written.
type loop struct {
	bytes []byte
	at    int
}

func (l *loop) Read(b []byte) (int, error) {
	n := copy(b, l.bytes[l.at:])
	if l.at += n; l.at == len(l.bytes) {
		l.at = 0
	}
	return n, nil
}

func (l *loop) Write(b []byte) (int, error) { return len(b), nil }
func (l *loop) Close() error                { return nil }

// cases are the messages for which the README states a speed.
var cases = []struct {
	op   Opcode
	size int
}{{Text, 16}, {Text, 128}, {Text, 1024}, {Binary, 64 << 10}, {Binary, 16 << 20}}

func asciiPayload(n int) []byte { return bytes.Repeat([]byte("abcdefghijklmnop"), n/16) }

func BenchmarkSend(b *testing.B) {
	for _, tt := range cases {
		b.Run(fmt.Sprintf("%v-%d", tt.op, tt.size), func(b *testing.B) {
			c := NewConn(&loop{}, Options{})
			p := asciiPayload(tt.size)
			b.SetBytes(int64(tt.size))
			b.ReportAllocs()
			for b.Loop() {
				if err := c.WriteMessage(tt.op, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReceive receives one message an operation, in all its fragments.
func BenchmarkReceive(b *testing.B) {
	for _, tt := range cases {
		b.Run(fmt.Sprintf("%v-%d", tt.op, tt.size), func(b *testing.B) {
			c := NewConn(&loop{bytes: frames(b, tt.op, tt.size, nil)}, Options{})
			b.SetBytes(int64(tt.size))
			b.ReportAllocs()
			for b.Loop() {
				nextMessage(b, c)
			}
		})
	}
}

// frames returns about a megabyte of frames of a server.
func frames(b *testing.B, op Opcode, size int, d *Deflate) []byte {
	var s memoryStream
	w := NewConn(&s, Options{Server: true, Deflate: d})
	p := asciiPayload(size)
	for n := max(1, 1<<20/size); n > 0; n-- {
		if err := w.WriteMessage(op, p); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return s.out.Bytes()
}

func nextMessage(b *testing.B, c *Conn) {
	for {
		p, err := c.Next()
		if err != nil {
			b.Fatal(err)
		}
		if p.Last {
			return
		}
	}
}

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{16, 128, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			src, dst := asciiPayload(size), make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				mask(dst, src, 0x01020304)
			}
		})
	}
}

// json returns a message like those that servers often send: similar to each other, and a few hundred bytes long.
func json(i int) []byte {
	return fmt.Appendf(nil, `{"type":"trade","symbol":"EURUSD","id":%d,"price":%d.%02d,"quantity":%d,"buyer":true,"time":"2026-01-01T00:00:%02dZ",`+
		`"venue":{"name":"example","region":"eu-west","session":"continuous"},"flags":["regular","lit","reported"]}`,
		i*7919, 100+i%9, i%100, i*i%1000, i%60)
}

func BenchmarkCompressedSend(b *testing.B) {
	for _, noTakeover := range []bool{false, true} {
		b.Run(fmt.Sprintf("noTakeover=%v", noTakeover), func(b *testing.B) {
			c := NewConn(&loop{}, Options{Deflate: &Deflate{ClientNoContextTakeover: noTakeover}})
			b.SetBytes(int64(len(json(1))))
			b.ReportAllocs()
			p := json(1)
			for b.Loop() {
				if err := c.WriteMessage(Text, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompressedReceive(b *testing.B) {
	source, err := os.ReadFile("inflate.go")
	if err != nil {
		b.Fatal(err)
	}
	for name, p := range map[string][]byte{"json": nil, "source": source, "noise": samples()["noise"]} {
		b.Run(name, func(b *testing.B) {
			d := &Deflate{ServerNoContextTakeover: true}
			var s memoryStream
			w := NewConn(&s, Options{Server: true, Deflate: d})
			const n = 100
			size := 0
			for i := range n {
				m := p
				if m == nil {
					m = json(i)
				}
				size += len(m)
				if err := w.WriteMessage(Binary, m); err != nil {
					b.Fatal(err)
				}
			}
			w.Flush()
			c := NewConn(&loop{bytes: s.out.Bytes()}, Options{Deflate: d})
			b.SetBytes(int64(size / n))
			b.ReportAllocs()
			for b.Loop() {
				nextMessage(b, c)
			}
		})
	}
}

// TestHotPathDoesNotAllocate: sending and receiving short messages allocates nothing.
func TestHotPathDoesNotAllocate(t *testing.T) {
	c := NewConn(&loop{bytes: bytes.Repeat([]byte("\x81\x10abcdefghijklmnop\x82\x7e\x01\x00"+string(make([]byte, 256))), 100)}, Options{})
	p := asciiPayload(160)
	if n := testing.AllocsPerRun(2000, func() { must(t, c.WriteMessage(Text, p)) }); n != 0 {
		t.Errorf("%v allocations a message sent", n)
	}
	if n := testing.AllocsPerRun(2000, func() { _, err := c.Next(); must(t, err) }); n != 0 {
		t.Errorf("%v allocations a message received", n)
	}
	must(t, c.Close())
}

var _ io.ReadWriteCloser = (*loop)(nil)
