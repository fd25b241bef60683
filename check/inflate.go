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
	noTakeover bool   // each message is compressed independently
	window     string // the last 32 KiB of inflated data
}

// newInflate returns the state for negotiated parameters; nil = permessage-deflate was not negotiated.
func newInflate(d *wire.Deflate) *inflate {
	if d == nil {
		return nil
	}
	return &inflate{noTakeover: d.ServerNoContextTakeover}
}

// maxInflated bounds the inflated size of a message, in bytes.
const maxInflated = 64 << 20

// message inflates a whole message.
func (z *inflate) message(compressed string) (string, error) {
	tail := "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff" // the bytes that the sender removed (RFC 7692, section 7.2.1), and an empty final block, which ends reading
	reader := flate.NewReaderDict(strings.NewReader(compressed+tail), []byte(z.window))
	out, err := io.ReadAll(io.LimitReader(reader, maxInflated))
	if err != nil {
		return "", err
	}
	if len(out) == maxInflated {
		return "", fmt.Errorf("more than %d bytes", maxInflated)
	}
	if !z.noTakeover {
		z.window += string(out)
		z.window = z.window[max(0, len(z.window)-32<<10):]
	}
	return string(out), nil
}

// assembler assembles messages from the data frames that a server sends.
type assembler struct {
	inflate *inflate // nil = nothing is compressed

	opcode   wire.Opcode // of the incomplete message; Continuation = none
	partial  []byte
	deflated bool
}

// add adds a data frame. If that completes a message, add returns the message, inflated, and its size on the wire in bytes.
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
