package servertest

import (
	"bytes"
	"compress/flate"
	"io"
	"math"

	windowed "github.com/klauspost/compress/flate"
)

const (
	// deflateTail ends each flush of a compressor and is not sent (RFC 7692, section 7.2.1).
	deflateTail = "\x00\x00\xff\xff"
	// deflateEnd is a final block without data.
	deflateEnd = "\x01\x00\x00\xff\xff"
	// deflateWindow is the maximum size of a window, in bytes.
	deflateWindow = 32 << 10
)

// deflate compresses and inflates the messages of one connection (RFC 7692, section 7.2).
type deflate struct {
	agreed     deflateParams
	compressed bytes.Buffer
	compressor compressor
	window     []byte // the last inflated bytes
}

// deflateParams are the parameters of an offer or a response.
type deflateParams struct {
	serverNoContext, clientNoContext bool
	serverBits                       int // 0: not given
	clientBits                       int // 0: not given; -1: given without a value
}

// compressor is a writer of compress/flate, or one that has a smaller window.
type compressor interface {
	io.Writer
	Flush() error
	Reset(io.Writer)
}

func newCompressor(w io.Writer, bits int) compressor {
	if bits < 15 {
		c, _ := windowed.NewWriterWindow(w, 1<<bits) // fails only for a window out of range
		return c
	}
	c, _ := flate.NewWriter(w, flate.BestCompression) // finds short matches too
	return c
}

// compress returns a message as it is sent, valid until the next call.
func (d *deflate) compress(payload []byte, has func(fault string) bool) []byte {
	bits := d.agreed.serverBits
	if bits == 0 || has("deflate-window-exceeded") {
		bits = 15
	}
	d.compressed.Reset()
	if d.compressor == nil {
		d.compressor = newCompressor(&d.compressed, bits)
	} else if d.agreed.serverNoContext && !has("deflate-context-kept") {
		d.compressor.Reset(&d.compressed)
	}
	d.compressor.Write(payload)
	d.compressor.Flush()
	return bytes.TrimSuffix(d.compressed.Bytes(), []byte(deflateTail))
}

// inflate returns a message as it was before compression.
func (d *deflate) inflate(payload []byte, has func(fault string) bool) ([]byte, error) {
	limit := int64(maxMessage)
	if has("bomb-inflated") {
		limit = math.MaxInt32
	}
	source := io.MultiReader(bytes.NewReader(payload), bytes.NewReader([]byte(deflateTail+deflateEnd)))
	inflated, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(source, d.window), limit+1))
	switch {
	case err != nil && !has("deflate-corrupt-accepted"):
		return nil, violation(codeNotUTF8)
	case int64(len(inflated)) > limit:
		return nil, violation(codeTooBig)
	}
	if !d.agreed.clientNoContext && !has("deflate-context-forgotten") {
		d.window = append(d.window, inflated...)
		d.window = bytes.Clone(d.window[max(0, len(d.window)-deflateWindow):])
	}
	return inflated, nil
}
