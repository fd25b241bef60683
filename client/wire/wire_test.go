package wire

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// outgoing describes a message or control frame to write.
type outgoing struct {
	op   Opcode
	n    int
	size int // bytes of a fragment; 0 = WriteMessage
}

func payload(op Opcode, n int) []byte {
	const words = "Grüße, 世界 🙂 "
	b := []byte(strings.Repeat(words, n/len(words)+1))[:n]
	if op == Text { // do not split a character
		b = bytes.ToValidUTF8(b, []byte("?"))
	}
	return b
}

func write(t *testing.T, c *Conn, s outgoing) received {
	t.Helper()
	p := payload(s.op, s.n)
	original := bytes.Clone(p)
	var err error
	switch {
	case s.op.control():
		err = c.WriteControl(s.op, p)
	case s.size == 0:
		err = c.WriteMessage(s.op, p)
	default:
		for rest, first, last := p, true, false; !last && err == nil; first = false {
			part := rest[:min(s.size, len(rest))]
			rest = rest[len(part):]
			last = len(rest) == 0
			err = c.WriteFragment(s.op, part, first, last)
		}
	}
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	if !bytes.Equal(p, original) {
		t.Fatalf("%+v: the payload was modified", s)
	}
	return received{s.op, string(p)}
}

func TestRoundTrip(t *testing.T) {
	script := []outgoing{
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
					var sent memoryStream
					w := NewConn(&sent, Options{Server: server, Deflate: d, WriteBlock: sizes.block})
					var want []received
					messages := uint64(0)
					for _, s := range script {
						want = append(want, write(t, w, s))
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
						t.Fatalf("read error %v", err)
					}
					if !reflect.DeepEqual(all, want) {
						t.Fatalf("wrote %d messages, read %d others", len(want), len(all))
					}
				})
			}
		}
	}
}
