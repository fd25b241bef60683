package coding

import (
	"bytes"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// inflateUpTo undoes gzip or zlib, as the first bytes say, else brotli, which has no mark. It yields most
// bytes at most.
func inflateUpTo(payload []byte, most int64) ([]byte, error) {
	from, err := inflater(payload)
	if err != nil {
		return nil, err
	}
	var into bytes.Buffer
	n, err := io.Copy(&into, io.LimitReader(from, most+1))
	switch {
	case err != nil:
		return nil, err
	case n > most:
		return nil, fmt.Errorf("it inflates to more than %d bytes", most)
	}
	return into.Bytes(), nil
}

func inflater(payload []byte) (io.Reader, error) {
	switch {
	case isGzip(payload):
		return gzip.NewReader(bytes.NewReader(payload))
	case isZlib(payload):
		return zlib.NewReader(bytes.NewReader(payload))
	}
	return brotli.NewReader(bytes.NewReader(payload)), nil
}

// isGzip looks for the mark of RFC 1952, section 2.3.1.
func isGzip(payload []byte) bool { return bytes.HasPrefix(payload, []byte{0x1f, 0x8b, 8}) }

// isZlib checks the two bytes of RFC 1950, section 2.2: deflate, and a multiple of 31.
func isZlib(payload []byte) bool {
	return len(payload) > 2 && payload[0]&0x0f == 8 && payload[0]>>4 <= 7 && (int(payload[0])<<8|int(payload[1]))%31 == 0
}

func deflate(text []byte) ([]byte, error) {
	var into bytes.Buffer
	w := gzip.NewWriter(&into)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err := w.Close()
	return into.Bytes(), err
}
