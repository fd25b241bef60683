package wire

import (
	"encoding/binary"
	"math/bits"
)

// mask writes src, masked with key, to dst, which may be src itself (RFC 6455, section 5.3). It returns the key for
// the bytes that follow, so that a payload can be masked in parts. Masking twice with one key undoes it.
func mask(dst, src []byte, key uint32) uint32 {
	dst = dst[:len(src)]
	wide := uint64(key)<<32 | uint64(key)
	for len(src) >= 32 && len(dst) >= 32 {
		a := binary.LittleEndian.Uint64(src[0:8]) ^ wide
		b := binary.LittleEndian.Uint64(src[8:16]) ^ wide
		c := binary.LittleEndian.Uint64(src[16:24]) ^ wide
		d := binary.LittleEndian.Uint64(src[24:32]) ^ wide
		binary.LittleEndian.PutUint64(dst[0:8], a)
		binary.LittleEndian.PutUint64(dst[8:16], b)
		binary.LittleEndian.PutUint64(dst[16:24], c)
		binary.LittleEndian.PutUint64(dst[24:32], d)
		src, dst = src[32:], dst[32:]
	}
	for len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^wide)
		src, dst = src[8:], dst[8:]
	}
	for i := range src {
		dst[i] = src[i] ^ byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return key
}
