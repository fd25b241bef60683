package raw

import (
	"bytes"
	"testing"
)

// TestHeaders: an appended header is parsed again, and no prefix of it is parsed as a header.
func TestHeaders(t *testing.T) {
	for _, length := range []int{0, 1, 125, 126, 65535, 65536, 16 << 20} {
		for _, key := range []uint32{0, 0x12345678} {
			p := AppendHeader(nil, Fin|Text, length)
			if len(p) != HeaderSize(length) {
				t.Errorf("length %d: the header has %d bytes, not %d", length, len(p), HeaderSize(length))
			}
			if key != 0 {
				p = AppendMasked(nil, Fin|Text, length, key)
			}
			want := Header{Fin: true, Opcode: Text, Masked: key != 0, Length: length, Key: key}
			if h, n := Parse(append(p, "more"...)); h != want || n != len(p) {
				t.Errorf("length %d: got %+v of %d bytes, want %+v of %d", length, h, n, want, len(p))
			}
			for cut := range p {
				if _, n := Parse(p[:cut]); n != 0 {
					t.Errorf("length %d: %d bytes are parsed as a header", length, cut)
				}
			}
		}
	}
}

// TestMask compares with the algorithm in section 5.3.
func TestMask(t *testing.T) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	for n := range 100 {
		got, want := make([]byte, n), make([]byte, n)
		for i := range n {
			got[i], want[i] = byte(i), byte(i)^key[i%4]
		}
		if Mask(got, 0x3d21fa37); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: got %x, want %x", n, got, want)
		}
	}
}
