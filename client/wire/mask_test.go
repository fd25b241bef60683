package wire

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestMaskEveryLength compares with the definition (RFC 6455, section 5.3), in one part, and in two split at every byte.
func TestMaskEveryLength(t *testing.T) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	k := binary.LittleEndian.Uint32(key[:])
	for n := range 100 {
		src, want := make([]byte, n), make([]byte, n)
		for i := range src {
			src[i] = byte(i * 7)
			want[i] = src[i] ^ key[i%4]
		}
		for split := range n + 1 {
			dst := make([]byte, n)
			mask(dst[split:], src[split:], mask(dst[:split], src[:split], k))
			if !bytes.Equal(dst, want) {
				t.Fatalf("%d bytes cut at %d: % x, want % x", n, split, dst, want)
			}
		}
		mask(src, src, k)
		if !bytes.Equal(src, want) {
			t.Fatalf("%d bytes in place: % x, want % x", n, src, want)
		}
	}
}
