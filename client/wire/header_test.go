package wire

import (
	"bytes"
	"io"
	"testing"
)

// TestHeaderForms encodes and decodes each form of a header (RFC 6455, section 5.2).
func TestHeaderForms(t *testing.T) {
	for _, tt := range []struct {
		bytes []byte
		h     header
	}{
		{[]byte{0x81, 0x05}, header{fin: true, opcode: Text, length: 5}},
		{[]byte{0x02, 0x7d}, header{opcode: Binary, length: 125}},
		{[]byte{0x82, 0x7e, 0x00, 0x7e}, header{fin: true, opcode: Binary, length: 126}},
		{[]byte{0x82, 0x7e, 0xff, 0xff}, header{fin: true, opcode: Binary, length: 65535}},
		{[]byte{0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}, header{fin: true, opcode: Binary, length: 65536}},
		{[]byte{0x82, 0x7f, 0x7f, 255, 255, 255, 255, 255, 255, 255}, header{fin: true, opcode: Binary, length: 1<<63 - 1}},
		{[]byte{0xc1, 0x80, 1, 2, 3, 4}, header{fin: true, rsv: 4, opcode: Text, masked: true, mask: 0x04030201}},
		{[]byte{0x80, 0xfe, 0x01, 0x00, 1, 2, 3, 4}, header{fin: true, masked: true, mask: 0x04030201, length: 256}},
	} {
		if b := appendHeader(nil, tt.h); !bytes.Equal(b, tt.bytes) {
			t.Errorf("%+v: encoded as % x, want % x", tt.h, b, tt.bytes)
		}
		for n := range tt.bytes {
			if _, size, err := parseHeader(tt.bytes[:n]); size != 0 || err != nil {
				t.Errorf("% x: length %d, %v", tt.bytes[:n], size, err)
			}
		}
		h, size, err := parseHeader(append(tt.bytes, 0xaa))
		if h != tt.h || size != len(tt.bytes) || err != nil {
			t.Errorf("% x: decoded as %+v, %d, %v, want %+v", tt.bytes, h, size, err, tt.h)
		}
	}
}

// TestForbiddenFrames: frames of a server that RFC 6455 and 7692 forbid, and the close code for each.
func TestForbiddenFrames(t *testing.T) {
	deflate := &Deflate{}
	for _, tt := range []struct {
		what  string
		bytes string
		o     Options
		code  int
	}{
		{"RSV1 without an extension", "\xc1\x00", Options{}, 1002},
		{"RSV2", "\xa1\x00", Options{Deflate: deflate}, 1002},
		{"RSV3", "\x91\x00", Options{Deflate: deflate}, 1002},
		{"RSV1 and RSV2", "\xe1\x00", Options{Deflate: deflate}, 1002},
		{"RSV1 on a continuation", "\x41\x00\xc0\x00", Options{Deflate: deflate}, 1002},
		{"RSV1 on a ping", "\xc9\x00", Options{Deflate: deflate}, 1002},
		{"opcode 3", "\x83\x00", Options{}, 1002},
		{"opcode 7", "\x87\x00", Options{}, 1002},
		{"opcode 11", "\x8b\x00", Options{}, 1002},
		{"opcode 15", "\x8f\x00", Options{}, 1002},
		{"a ping of 126", "\x89\x7e", Options{}, 1002},
		{"a close of 126", "\x88\x7e", Options{}, 1002},
		{"a pong of 2^62", "\x8a\x7f", Options{}, 1002},
		{"a ping in fragments", "\x09\x00", Options{}, 1002},
		{"a continuation without a message", "\x80\x00", Options{}, 1002},
		{"a continuation after the end", "\x81\x00\x80\x00", Options{}, 1002},
		{"a message inside another", "\x01\x01a\x81\x01b", Options{}, 1002},
		{"masked by a server", "\x81\x80\x01\x02\x03\x04", Options{}, 1002},
		{"not masked by a client", "\x81\x00", Options{Server: true}, 1002},
		{"125 in 16 bits", "\x82\x7e\x00\x7d", Options{}, 1002},
		{"65535 in 64 bits", "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", Options{}, 1002},
		{"a length of 64 bits", "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", Options{}, 1002},
		{"a close of one byte", "\x88\x01\x03", Options{}, 1002},
		{"close code 0", "\x88\x02\x00\x00", Options{}, 1002},
		{"close code 999", "\x88\x02\x03\xe7", Options{}, 1002},
		{"close code 1004", "\x88\x02\x03\xec", Options{}, 1002},
		{"close code 1005", "\x88\x02\x03\xed", Options{}, 1002},
		{"close code 1006", "\x88\x02\x03\xee", Options{}, 1002},
		{"close code 1015", "\x88\x02\x03\xf7", Options{}, 1002},
		{"close code 2999", "\x88\x02\x0b\xb7", Options{}, 1002},
		{"close code 5000", "\x88\x02\x13\x88", Options{}, 1002},
		{"close code 65535", "\x88\x02\xff\xff", Options{}, 1002},
		{"a reason that is not UTF-8", "\x88\x03\x03\xe8\xce", Options{}, 1007},
		{"text that is not UTF-8", "\x81\x01\xff", Options{}, 1007},
		{"text that ends inside a character", "\x81\x01\xce", Options{}, 1007},
		{"text that cannot become UTF-8", "\x01\x03\xf4\x90\x80", Options{}, 1007},
		{"text over two fragments that is not UTF-8", "\x01\x01\xce\x80\x01\xce", Options{}, 1007},
		{"a message over the bound", "\x82\x05", Options{MaxMessage: 4}, 1009},
		{"2^62 over the bound", "\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00", Options{MaxMessage: 64 << 20}, 1009},
		{"fragments over the bound", "\x02\x02ab\x80\x03", Options{MaxMessage: 4}, 1009},
		{"a compressed 2^62", "\xc2\x7f\x40\x00\x00\x00\x00\x00\x00\x00", Options{MaxMessage: 4, Deflate: deflate}, 1009},
		{"a message that does not inflate", "\xc1\x01\x07", Options{Deflate: deflate}, 1007},
	} {
		for chunk := range 3 {
			_, err := read([]byte(tt.bytes), chunk, tt.o)
			if code(err) != tt.code {
				t.Errorf("%s, in chunks of %d: %v, want code %d", tt.what, chunk, err, tt.code)
			}
			if err != nil && len(err.Error()) > MaxControl-2 {
				t.Errorf("%s: a reason of %d bytes", tt.what, len(err.Error()))
			}
		}
	}
}

// TestAllowedFrames: unusual frames that are valid.
func TestAllowedFrames(t *testing.T) {
	for _, tt := range []struct {
		what  string
		bytes string
		o     Options
		want  []received
	}{
		{"an empty message", "\x81\x00", Options{}, []received{{Text, ""}}},
		{"empty fragments", "\x01\x00\x00\x00\x80\x00", Options{}, []received{{Text, ""}}},
		{"a message between empty fragments", "\x02\x00\x00\x01x\x00\x00\x80\x00", Options{}, []received{{Binary, "x"}}},
		{"a ping inside a message", "\x01\x01a\x89\x01!\x80\x01b", Options{}, []received{{Ping, "!"}, {Text, "ab"}}},
		{"a character over fragments", "\x01\x01\xce\x8a\x00\x80\x01\xba", Options{}, []received{{Pong, ""}, {Text, "κ"}}},
		{"exactly the bound", "\x82\x04abcd", Options{MaxMessage: 4}, []received{{Binary, "abcd"}}},
		{"the bound is a message's", "\x82\x03abc\x82\x03abc", Options{MaxMessage: 4}, []received{{Binary, "abc"}, {Binary, "abc"}}},
		{"an empty close", "\x88\x00", Options{}, []received{{Close, ""}}},
		{"a close with a reason", "\x88\x05\x03\xe8bye", Options{}, []received{{Close, "\x03\xe8bye"}}},
		{"close 1014", "\x88\x02\x03\xf6", Options{}, []received{{Close, "\x03\xf6"}}},
		{"close 4999", "\x88\x02\x13\x87", Options{}, []received{{Close, "\x13\x87"}}},
		{"garbage after a close", "\x88\x00\xff\xff\xff", Options{}, []received{{Close, ""}}},
		{"masked by a client", "\x81\x82\x01\x02\x03\x04ik", Options{Server: true}, []received{{Text, "hi"}}},
		{"a message that is not compressed", "\x81\x02hi", Options{Deflate: &Deflate{}}, []received{{Text, "hi"}}},
	} {
		for chunk := range 3 {
			all, err := read([]byte(tt.bytes), chunk, tt.o)
			if err != io.EOF || !equal(all, tt.want) {
				t.Errorf("%s, in chunks of %d: %v, %v, want %v", tt.what, chunk, all, err, tt.want)
			}
		}
	}
}

// TestCutStream cuts a stream at every byte: the end is io.EOF only between messages or after a Close.
func TestCutStream(t *testing.T) {
	stream := "\x81\x02hi\x01\x01a\x89\x01!\x80\x01b\x82\x7e\x00\x80" + string(make([]byte, 128)) + "\x88\x02\x03\xe8"
	complete := map[int]bool{0: true, 4: true, 13: true, 13 + 132: true, 13 + 132 + 4: true}
	for n := range len(stream) + 1 {
		want := io.ErrUnexpectedEOF
		if complete[n] {
			want = io.EOF
		}
		for chunk := range 3 {
			if _, err := read([]byte(stream[:n]), chunk, Options{}); err != want {
				t.Errorf("cut at %d: %v, want %v", n, err, want)
			}
		}
	}
}

func equal(a, b []received) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
