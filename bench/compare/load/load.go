// Package load generates the messages of the scenarios: numbered text lines, and random bytes.
package load

import (
	"io"
	"math/rand/v2"
)

// NoiseSize is the length of the noise and the maximum size of a message, in bytes.
const NoiseSize = 16 << 20

// AppendLine appends the text of line i, size bytes of decimal digits without an end of line.
func AppendLine(dst []byte, i, size int) []byte {
	start := len(dst)
	for range size {
		dst = append(dst, '0')
	}
	for at := len(dst) - 1; i > 0 && at >= start; at-- {
		dst[at] += byte(i % 10)
		i /= 10
	}
	return dst
}

// NoiseReader returns a reader of the NoiseSize bytes of noise, the same in every process.
func NoiseReader() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), NoiseSize) }

// Noise returns all the noise.
func Noise() []byte {
	noise := make([]byte, NoiseSize)
	io.ReadFull(NoiseReader(), noise)
	return noise
}

// NoiseAt returns message i of size bytes, of which NoiseSize is a multiple.
func NoiseAt(noise []byte, i, size int) []byte {
	at := i * size % NoiseSize
	return noise[at : at+size]
}
