package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tape is a stream that reads what was put into it, in chunks of a given size, and keeps what is written.
type tape struct {
	in    []byte
	chunk int // 0 = as much as fits
	out   bytes.Buffer
}

func (t *tape) Read(b []byte) (int, error) {
	if len(t.in) == 0 {
		return 0, io.EOF
	}
	if t.chunk > 0 {
		b = b[:min(t.chunk, len(b))]
	}
	n := copy(b, t.in)
	t.in = t.in[n:]
	return n, nil
}

func (t *tape) Write(b []byte) (int, error) { return t.out.Write(b) }
func (t *tape) Close() error                { return nil }

// got is a whole message or control frame.
type got struct {
	op      Opcode
	payload string
}

// receive puts together what Next returns, until its error.
func receive(c *Conn) (all []got, err error) {
	var message []byte
	inside := false
	for {
		p, err := c.Next()
		if err != nil {
			return all, err
		}
		if p.Opcode.control() {
			all = append(all, got{p.Opcode, string(p.Payload)})
			continue
		}
		if p.First == inside {
			return all, errors.New("First where none should be, or none where it should be")
		}
		inside = !p.Last
		if p.First {
			message = nil
		}
		if len(p.Payload) == 0 && !p.Last {
			return all, errors.New("an empty piece inside a message")
		}
		message = append(message, p.Payload...)
		if p.Last {
			all = append(all, got{p.Opcode, string(message)})
		}
	}
}

func read(stream []byte, chunk int, o Options) ([]got, error) {
	c := NewConn(&tape{in: stream, chunk: chunk}, o)
	defer c.Close()
	return receive(c)
}

// code is the close code of a ProtocolError; 0 = another error.
func code(err error) int {
	var p *ProtocolError
	if errors.As(err, &p) {
		return p.Code
	}
	return 0
}
