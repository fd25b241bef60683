package wire

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

// rsvCompressed is RSV1, which marks the first frame of a compressed message (RFC 7692, section 6).
const rsvCompressed = 4

// The shortest messages that are compressed, in bytes. Shorter ones gain little and cost microseconds: below 128 bytes
// the compressor does not look for matches, and a message that stands for itself has little to match with.
const (
	deflateFrom      = 128
	deflateFreshFrom = 512
)

// Some servers take no fragments, so a message is one frame, compressed or not, unless it has more than 64 MiB even then.
const (
	deflatePart  = 64 << 10 // is compressed at once
	deflateFrame = 64 << 20 // is a frame
	deflateKept  = 1 << 20  // of memory is kept for the next message
)

// tailLength is how long the 00 00 ff ff is that ends each flush and is not sent (RFC 7692, section 7.2.1).
const tailLength = 4

// deflater compresses messages.
type deflater struct {
	flate  *flate.Writer
	fresh  bool            // each message for itself
	packed compressedFrame // what came out
}

// compressedFrame collects bytes.
type compressedFrame []byte

func (p *compressedFrame) Write(b []byte) (int, error) {
	*p = append(*p, b...)
	return len(b), nil
}

// deflaters hold compressors that no message needs now, by the bits of their window. A compressor takes about a megabyte:
// without context takeover, a server with many connections needs one for each message that is being written.
var deflaters [16]sync.Pool

// takeDeflater is a compressor that is free, or a new one.
func takeDeflater(bits int, fresh bool) (*deflater, error) {
	if fresh {
		if free, ok := deflaters[bits].Get().(*deflater); ok {
			return free, nil
		}
	}
	return newDeflater(bits, fresh)
}

// newDeflater makes the compressor for a window of 1<<bits bytes: about a megabyte of tables, so only when it is needed.
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

// compress compresses as much of a message as fills a frame, and ends the message with its last byte. It returns what came
// out, valid until the next call, and the part of the message that is left.
func (d *deflater) compress(message []byte) (packed, rest []byte, err error) {
	if d.packed = d.packed[:0]; cap(d.packed) > deflateKept {
		d.packed = nil
	}
	for len(d.packed) < deflateFrame {
		part := message[:min(len(message), deflatePart)]
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
