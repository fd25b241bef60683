package check

import (
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"

	"wsx/client/wire"
)

// inflate inflates messages of a server (RFC 7692, section 7.2.2).
type inflate struct {
	fresh  bool   // each message stands for itself
	window string // what was inflated last, 32 KiB at most
}

func newInflate(d *wire.Deflate) *inflate {
	return &inflate{fresh: d != nil && d.ServerNoContextTakeover}
}

// maxInflated bounds what comes out of a message, in bytes.
const maxInflated = 64 << 20

// message inflates a whole message.
func (z *inflate) message(packed string) (string, error) {
	tail := "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff" // and an empty last block, so that the reader knows the end
	reader := flate.NewReaderDict(strings.NewReader(packed+tail), []byte(z.window))
	out, err := io.ReadAll(io.LimitReader(reader, maxInflated))
	if err != nil {
		return "", err
	}
	if len(out) == maxInflated {
		return "", fmt.Errorf("more than %d bytes", maxInflated)
	}
	if !z.fresh {
		z.window += string(out)
		z.window = z.window[max(0, len(z.window)-32<<10):]
	}
	return string(out), nil
}
