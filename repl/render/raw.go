package render

import (
	"io"
	"unicode/utf8"

	"wsx/client"
)

// Raw shows the payload of each message that came in, byte for byte, then a newline. A large message is
// passed on in its pieces and never held.
type Raw struct {
	Zero     bool   // NUL ends a message, instead of a newline
	Terminal bool   // a terminal shows it: nothing in it may be obeyed
	Sent     bool   // show what was sent, too
	Stamp    *Stamp // before each message; nil = none

	line []byte
	cut  []byte // Terminal: the beginning of a character whose end comes with the next piece
}

// Render writes a message or the piece of one.
func (r *Raw) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.Message || e.Dir == client.Out && !r.Sent {
		return nil
	}
	line := r.line[:0]
	if r.Stamp != nil && e.First {
		line = r.Stamp.append(line, e.Time)
	}
	switch {
	case r.Terminal:
		line = r.sanitize(line, e)
	case len(e.Payload) > longPiece:
		return r.pass(w, line, e)
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

// longPiece is how long a piece must be for a write of its own to cost less than a copy.
const longPiece = 16 << 10

// pass writes a long piece without a copy.
func (r *Raw) pass(w io.Writer, line []byte, e client.Event) error {
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

// sanitize appends a piece. A character that it cuts waits for the next piece.
func (r *Raw) sanitize(line []byte, e client.Event) []byte {
	text := e.Payload
	if len(r.cut) > 0 {
		text = append(r.cut, text...)
		r.cut = nil
	}
	if n := incomplete(text); n > 0 && !e.Last {
		r.cut = append([]byte(nil), text[len(text)-n:]...)
		text = text[:len(text)-n]
	}
	return Sanitize(line, text)
}

// incomplete returns how many bytes at the end begin a character that is not yet whole.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// Bytes shows the payloads of the messages that came in, one behind the other and nothing else.
type Bytes struct {
	Sent bool // show what was sent, too
}

// Render writes a message or the piece of one.
func (b *Bytes) Render(w io.Writer, e client.Event) error {
	if e.Kind != client.Message || e.Dir == client.Out && !b.Sent || len(e.Payload) == 0 {
		return nil
	}
	_, err := w.Write(e.Payload)
	return err
}
