package codec

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
)

// inflater decompresses gzip, zlib and brotli. It keeps its readers, which are large.
type inflater struct {
	gzip   gzip.Reader
	zlib   io.ReadCloser // nil = not needed yet
	brotli brotli.Reader
}

func newInflater(Options) sessionDecoder { return decodeFunc((&inflater{}).inflate) }

// inflate decompresses gzip or zlib, according to the first bytes, else brotli, which has no magic number.
func (i *inflater) inflate(w *writer, payload []byte) error {
	reader, err := i.open(bytes.NewReader(payload), payload)
	if err != nil {
		return err
	}
	return w.inflate(reader)
}

func (i *inflater) open(r io.Reader, payload []byte) (_ io.Reader, err error) {
	switch {
	case isGzip(payload):
		return &i.gzip, i.gzip.Reset(r)
	case !isZlib(payload):
		return &i.brotli, i.brotli.Reset(r)
	case i.zlib == nil:
		i.zlib, err = zlib.NewReader(r)
		return i.zlib, err
	}
	return i.zlib, i.zlib.(zlib.Resetter).Reset(r, nil)
}

// isGzip reports whether a payload has the magic number of gzip (RFC 1952, section 2.3.1).
func isGzip(payload []byte) bool { return bytes.HasPrefix(payload, []byte{0x1f, 0x8b, 8}) }

// isZlib reports whether a payload has the header of zlib (RFC 1950, section 2.2): the method is deflate, and the first two bytes
// are a multiple of 31.
func isZlib(payload []byte) bool {
	return len(payload) > 2 && payload[0]&0x0f == 8 && payload[0]>>4 <= 7 && (int(payload[0])<<8|int(payload[1]))%31 == 0
}

// isZstd reports whether a payload has the magic number of Zstandard (RFC 8878, section 3.1.1).
func isZstd(payload []byte) bool { return bytes.HasPrefix(payload, []byte{0x28, 0xb5, 0x2f, 0xfd}) }

// What may be missing at the end of a deflate stream: the last block, and before it the end of a sync flush, which
// permessage-deflate removes (RFC 7692, section 7.2.1).
const (
	lastBlock = "\x01\x00\x00\xff\xff"
	syncFlush = "\x00\x00\xff\xff"
)

// decodeDeflate decompresses deflate. The stream may end with a flush instead of its last block.
func decodeDeflate(w *writer, payload []byte) error {
	if len(payload) == 0 {
		return errCut
	}
	err := inflateWith(w, payload, lastBlock)
	if err == nil || isFinal(err) {
		return err
	}
	if w.reset(); inflateWith(w, payload, syncFlush+lastBlock) == nil {
		return nil
	}
	return err
}

func inflateWith(w *writer, payload []byte, end string) error {
	return w.inflate(flate.NewReader(io.MultiReader(bytes.NewReader(payload), bytes.NewReader([]byte(end)))))
}

func decodeBrotli(w *writer, payload []byte) error {
	return w.inflate(brotli.NewReader(bytes.NewReader(payload)))
}

func encodeGzip(text []byte) ([]byte, error) {
	return compress(text, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

func encodeDeflate(text []byte) ([]byte, error) {
	return compress(text, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
}

func encodeBrotli(text []byte) ([]byte, error) {
	return compress(text, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriter(w), nil })
}

func compress(text []byte, open func(w io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var compressed bytes.Buffer
	w, err := open(&compressed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return compressed.Bytes(), err
}
