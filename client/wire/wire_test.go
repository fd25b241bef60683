package wire

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// said is something that is written and has to be read the same.
type said struct {
	op    Opcode
	n     int
	piece int // fragments of so many bytes; 0 = WriteMessage
}

func payload(op Opcode, n int) []byte {
	const words = "Grüße, 世界 🙂 "
	b := []byte(strings.Repeat(words, n/len(words)+1))[:n]
	if op == Text { // cut no character in two
		b = bytes.ToValidUTF8(b, []byte("?"))
	}
	return b
}

func say(t *testing.T, c *Conn, s said) got {
	t.Helper()
	p := payload(s.op, s.n)
	kept := bytes.Clone(p)
	var err error
	switch {
	case s.op.control():
		err = c.WriteControl(s.op, p)
	case s.piece == 0:
		err = c.WriteMessage(s.op, p)
	default:
		for rest, first, last := p, true, false; !last && err == nil; first = false {
			part := rest[:min(s.piece, len(rest))]
			rest = rest[len(part):]
			last = len(rest) == 0
			err = c.WriteFragment(s.op, part, first, last)
		}
	}
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	if !bytes.Equal(p, kept) {
		t.Fatalf("%+v: the payload was modified", s)
	}
	return got{s.op, string(p)}
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	script := []said{
		{Text, 0, 0}, {Binary, 1, 0}, {Text, 125, 0}, {Ping, 125, 0}, {Binary, 126, 0}, {Text, 127, 0}, {Text, 128, 0},
		{Binary, 65535, 0}, {Binary, 65534, 0}, {Text, 65536, 0}, {Pong, 0, 0}, {Binary, 65537, 0}, {Binary, 131050, 0}, {Binary, 300000, 0}, {Text, 1000, 0},
		{Text, 100, 1}, {Binary, 0, 5}, {Text, 200000, 70000}, {Ping, 3, 0}, {Text, 5000, 0}, {Text, 5000, 0},
		{Binary, 500001, 0}, {Close, 0, 0},
	}
	deflates := []*Deflate{nil, {}, {ServerNoContextTakeover: true, ClientNoContextTakeover: true},
		{ServerMaxWindowBits: 8, ClientMaxWindowBits: 8}, {ServerMaxWindowBits: 15, ClientMaxWindowBits: 11}}
	for _, server := range []bool{false, true} {
		for _, d := range deflates {
			for _, sizes := range []struct{ chunk, block int }{{0, 0}, {13, 0}, {4096, 0}, {0, 1}, {13, 1000}} {
				t.Run(fmt.Sprint(server, d, sizes), func(t *testing.T) {
					var sent tape
					w := NewConn(&sent, Options{Server: server, Deflate: d, WriteBlock: sizes.block})
					var want []got
					messages := uint64(0)
					for _, s := range script {
						want = append(want, say(t, w, s))
						if !s.op.control() {
							messages++
						}
					}
					if err := w.Flush(); err != nil {
						t.Fatal(err)
					}
					if w.Written() != messages {
						t.Errorf("%d messages written, counted as %d", messages, w.Written())
					}
					all, err := read(sent.out.Bytes(), sizes.chunk, Options{Server: !server, Deflate: d, ReadBlock: sizes.block})
					if err != io.EOF {
						t.Fatalf("ended with %v", err)
					}
					if !reflect.DeepEqual(all, want) {
						t.Fatalf("wrote %d things, read %d others", len(want), len(all))
					}
				})
			}
		}
	}
}
