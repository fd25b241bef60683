package render

import (
	"bufio"
	"io"

	"wsx/client"
)

// Raw writes the payload of each received message, byte for byte, then a newline. Fragments are written at once and not held in
// memory.
type Raw struct {
	Options

	line   []byte
	text   characters
	within bool // the last fragment received was not the end of its message
}

// Render writes a message or a fragment of one. A message that was cut off by the loss of a connection ends before the next one.
func (r *Raw) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.KindMessage || e.Dir == client.Out && !r.Sent {
		return nil
	}
	if e.Dir == client.In {
		if r.within && e.First {
			if err := r.endCutOff(w); err != nil {
				return err
			}
		}
		r.within = !e.Last
	}
	if b, ok := w.(*bufio.Writer); ok && !r.Terminal && r.Stamp == nil && b.Available() > len(e.Payload) {
		return r.appendTo(b, e.Payload, e.Last)
	}
	line := r.line[:0]
	if r.Stamp != nil && e.First {
		line = r.Stamp.append(line, e.Time)
	}
	switch {
	case r.Terminal:
		line = Sanitize(line, r.text.whole(e.Payload, e.Last))
	case len(e.Payload) > longFragment:
		return r.writeLong(w, line, e)
	default:
		line = append(line, e.Payload...)
	}
	if e.Last {
		line = append(line, r.end())
	}
	r.line = line
	_, err := w.Write(line)
	return err
}

// endCutOff ends a message of which the rest will not be received.
func (r *Raw) endCutOff(w io.Writer) error {
	r.line = append(Sanitize(r.line[:0], r.text.whole(nil, true)), r.end()) // without Terminal, text has nothing
	_, err := w.Write(r.line)
	return err
}

// appendTo appends a fragment to the buffer of b directly, which is the fast path for many short messages.
func (r *Raw) appendTo(b *bufio.Writer, payload []byte, last bool) error {
	line := append(b.AvailableBuffer(), payload...)
	if last {
		line = append(line, r.end())
	}
	_, err := b.Write(line)
	return err
}

// longFragment is the length from which a separate write costs less than a copy, in bytes.
const longFragment = 16 << 10

// writeLong writes a long fragment without a copy.
func (r *Raw) writeLong(w io.Writer, line []byte, e client.Event) error {
	if len(line) > 0 {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	if _, err := w.Write(e.Payload); err != nil || !e.Last {
		return err
	}
	r.line = append(r.line[:0], r.end())
	_, err := w.Write(r.line)
	return err
}

func (r *Raw) end() byte {
	if r.Zero {
		return 0
	}
	return '\n'
}

// Bytes writes the payloads of received messages and nothing else.
type Bytes struct {
	Options

	line []byte
	text characters
}

// Render writes a message or a fragment of one.
func (b *Bytes) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.KindMessage || e.Dir == client.Out && !b.Sent {
		return nil
	}
	data := e.Payload
	if b.Terminal {
		b.line = Sanitize(b.line[:0], b.text.whole(data, e.Last))
		data = b.line
	}
	if len(data) == 0 {
		return nil
	}
	_, err := w.Write(data)
	return err
}
