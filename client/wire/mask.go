package wire

import (
	"encoding/binary"
	"math/bits"
)

// mask writes src, masked with key, to dst, which may be src itself (RFC 6455, section 5.3). It returns the key for
// the bytes that follow, so that a payload can be masked in parts. Masking twice with one key undoes it.
//
// The loops are written so that the compiler proves all bounds: 64 bytes in eight words, then a word, then half of one.
func mask(dst, src []byte, key uint32) uint32 {
	dst = dst[:len(src)]
	wide := uint64(key)<<32 | uint64(key)
	for len(src) >= 64 && len(dst) >= 64 {
		s, d := (*[64]byte)(src), (*[64]byte)(dst)
		xor(d[0:8], s[0:8], wide)
		xor(d[8:16], s[8:16], wide)
		xor(d[16:24], s[16:24], wide)
		xor(d[24:32], s[24:32], wide)
		xor(d[32:40], s[32:40], wide)
		xor(d[40:48], s[40:48], wide)
		xor(d[48:56], s[48:56], wide)
		xor(d[56:64], s[56:64], wide)
		src, dst = src[64:], dst[64:]
	}
	for len(src) >= 8 && len(dst) >= 8 {
		xor(dst, src, wide)
		src, dst = src[8:], dst[8:]
	}
	if len(src) >= 4 && len(dst) >= 4 {
		binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src)^key)
		src, dst = src[4:], dst[4:]
	}
	for i := range src {
		dst[i] = src[i] ^ byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return key
}

// xor masks eight bytes.
func xor(dst, src []byte, wide uint64) {
	binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^wide)
}
