package codec

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
)

// inflater undoes compression. It keeps what it reads with, which is large.
type inflater struct {
	most   int64 // bytes that it yields at most
	gzip   gzip.Reader
	zlib   io.ReadCloser // nil = not needed yet
	brotli brotli.Reader
}

// inflate undoes gzip or zlib, as the first bytes say, else brotli, which has no mark.
func (i *inflater) inflate(payload []byte) ([]byte, error) {
	from, err := i.open(bytes.NewReader(payload), payload)
	if err != nil {
		return nil, err
	}
	var into bytes.Buffer
	n, err := io.Copy(&into, io.LimitReader(from, i.most+1))
	switch {
	case err != nil:
		return nil, err
	case n > i.most:
		return nil, fmt.Errorf("it inflates to more than %d bytes", i.most)
	}
	return into.Bytes(), nil
}

func (i *inflater) open(from io.Reader, payload []byte) (_ io.Reader, err error) {
	switch {
	case isGzip(payload):
		return &i.gzip, i.gzip.Reset(from)
	case !isZlib(payload):
		return &i.brotli, i.brotli.Reset(from)
	case i.zlib == nil:
		i.zlib, err = zlib.NewReader(from)
		return i.zlib, err
	}
	return i.zlib, i.zlib.(zlib.Resetter).Reset(from, nil)
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
