package check

import (
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"

	"wsx/check/probe"
	"wsx/client/wire"
)

// inflate inflates messages of a server (RFC 7692, section 7.2.2).
type inflate struct {
	fresh  bool   // each message is compressed independently
	window string // the last 32 KiB of inflated data
}

// newInflate returns nil where nothing was agreed on.
func newInflate(d *wire.Deflate) *inflate {
	if d == nil {
		return nil
	}
	return &inflate{fresh: d.ServerNoContextTakeover}
}

// maxInflated bounds the inflated size of a message, in bytes.
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

// assembler makes whole messages of the data frames of a server.
type assembler struct {
	inflate *inflate // nil = nothing is compressed

	opcode   wire.Opcode // of the message that has begun; Continuation = none
	partial  []byte
	deflated bool
}

// add adds a data frame. Where that completes a message it returns the message, inflated, and how long it was on the wire.
func (a *assembler) add(f probe.Received) (m Message, size int, complete bool, err error) {
	if f.Opcode != wire.Continuation {
		a.partial, a.opcode, a.deflated = nil, f.Opcode, f.RSV == 4 && a.inflate != nil
	}
	if a.opcode == wire.Continuation {
		return m, 0, false, nil
	}
	if a.partial = append(a.partial, f.Payload...); !f.Fin {
		return m, 0, false, nil
	}
	m, size = Message{a.opcode, string(a.partial)}, len(a.partial)
	a.partial, a.opcode = nil, wire.Continuation
	if a.deflated {
		m.Payload, err = a.inflate.message(m.Payload)
	}
	return m, size, err == nil, err
}
