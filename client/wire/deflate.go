package wire

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

// rsvCompressed is RSV1, which marks the first frame of a compressed message (RFC 7692, section 6).
const rsvCompressed = 4

// The shortest messages that are compressed, in bytes. Compressing shorter ones saves little and takes microseconds: below 128
// bytes the compressor does not search for matches, and without context takeover a short message has few matches.
const (
	deflateFrom      = 128
	deflateFreshFrom = 512
)

// Some servers do not support fragments, so a message is one frame, unless it has more than 64 MiB when compressed.
const (
	compressChunk      = 64 << 10 // bytes compressed at once
	maxCompressedFrame = 64 << 20 // bytes of a frame
	keptBuffer         = 1 << 20  // bytes of memory kept for the next message
)

// tailLength is the length of the 00 00 ff ff that ends each flush and is not sent (RFC 7692, section 7.2.1).
const tailLength = 4

// deflater compresses messages.
type deflater struct {
	flate  *flate.Writer
	fresh  bool            // no context takeover
	packed compressedFrame // output of flate
}

// compressedFrame collects bytes.
type compressedFrame []byte

func (p *compressedFrame) Write(b []byte) (int, error) {
	*p = append(*p, b...)
	return len(b), nil
}

// deflaters are pools of unused compressors, indexed by the bits of their window. A compressor takes about a megabyte of
// memory. Without context takeover, a server needs only one for each message that is being written, not one for each
// connection.
var deflaters [16]sync.Pool

// getDeflater returns an unused compressor, or a new one.
func getDeflater(bits int, fresh bool) (*deflater, error) {
	if fresh {
		if free, ok := deflaters[bits].Get().(*deflater); ok {
			return free, nil
		}
	}
	return newDeflater(bits, fresh)
}

// newDeflater returns a compressor for a window of 1<<bits bytes.
func newDeflater(bits int, fresh bool) (*deflater, error) {
	d := &deflater{fresh: fresh}
	var err error
	if bits == 15 {
		d.flate, err = flate.NewWriter(&d.packed, flate.BestSpeed)
	} else {
		d.flate, err = flate.NewWriterWindow(&d.packed, 1<<bits)
	}
	return d, err
}

// begin starts a message.
func (d *deflater) begin() {
	if d.fresh {
		d.flate.Reset(&d.packed)
	}
}

// compress compresses as much of a message as fills a frame, and flushes at the end of the message. It returns the compressed
// bytes, valid until the next call, and the rest of the message.
func (d *deflater) compress(message []byte) (packed, rest []byte, err error) {
	if d.packed = d.packed[:0]; cap(d.packed) > keptBuffer {
		d.packed = nil
	}
	for len(d.packed) < maxCompressedFrame {
		part := message[:min(len(message), compressChunk)]
		message = message[len(part):]
		if _, err := d.flate.Write(part); err != nil {
			return nil, nil, err
		}
		if len(message) > 0 {
			continue
		}
		if err := d.flate.Flush(); err != nil {
			return nil, nil, err
		}
		return d.packed[:len(d.packed)-tailLength], nil, nil
	}
	return d.packed, message, nil
}
