package main

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"wsx/bench/compare/raw"
)

// frame is a frame's first byte and unmasked payload.
type frame struct {
	first   byte
	payload string
}

// framesOf parses masked frames.
func framesOf(t *testing.T, p []byte) (all []frame) {
	t.Helper()
	for len(p) > 0 {
		h, size := raw.Parse(p)
		if size == 0 || !h.Masked {
			t.Fatalf("not a masked frame: %x", p)
		}
		payload := p[size : size+h.Length]
		raw.Mask(payload, h.Key)
		all = append(all, frame{p[0], string(payload)})
		p = p[size+h.Length:]
	}
	return all
}

// TestSendLines: each line is sent as a frame, for reads of any size, and a Close at the end.
func TestSendLines(t *testing.T) {
	input := "one\n\ntwo and more\n"
	want := []frame{{0x81, "one"}, {0x81, ""}, {0x81, "two and more"}, {0x88, ""}}
	for _, r := range []io.Reader{strings.NewReader(input), iotest.OneByteReader(strings.NewReader(input))} {
		var out bytes.Buffer
		if err := sendLines(&out, r); err != nil {
			t.Fatal(err)
		}
		if got := framesOf(t, out.Bytes()); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSendBinary: small messages are single frames, large ones are fragmented.
func TestSendBinary(t *testing.T) {
	for _, c := range []struct {
		size, input int
		want        []byte // the frames' first bytes
	}{
		{100, 200, []byte{0x82, 0x82, 0x88}},
		{8 * block, 16 * block, []byte{0x02, 0x80, 0x02, 0x80, 0x88}},
	} {
		input := bytes.Repeat([]byte("0123456789abcdef"), c.input/16+1)[:c.input]
		var out bytes.Buffer
		if err := sendBinary(&out, bytes.NewReader(input), c.size); err != nil {
			t.Fatal(err)
		}
		var firsts []byte
		var payloads string
		for _, f := range framesOf(t, out.Bytes()) {
			firsts = append(firsts, f.first)
			payloads += f.payload
		}
		if !bytes.Equal(firsts, c.want) || payloads != string(input) {
			t.Errorf("size %d: frames %x with %d bytes, want %x with %d", c.size, firsts, len(payloads), c.want, len(input))
		}
	}
}

// TestReceive: the payloads of all messages are written, for reads of any size.
func TestReceive(t *testing.T) {
	var stream []byte
	for _, text := range []string{"one", "", strings.Repeat("x", 70000)} {
		stream = append(raw.AppendHeader(stream, raw.Fin|raw.Text, len(text)), text...)
	}
	stream = append(raw.AppendHeader(stream, raw.Text, 2), "ha"...)
	stream = append(raw.AppendHeader(stream, raw.Fin, 2), "lf"...)
	stream = raw.AppendHeader(stream, raw.Fin|raw.Close, 0)
	want := "one\n\n" + strings.Repeat("x", 70000) + "\nhalf\n"
	for _, cut := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader} {
		var out bytes.Buffer
		r := cut(bytes.NewReader(stream))
		if err := receive(bufio.NewReader(r), r, &out, true); err != nil || out.String() != want {
			t.Errorf("got %d bytes (%v), want %d", out.Len(), err, len(want))
		}
	}
}
