package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memoryStream is a stream that reads in, in chunks of a given size, and keeps what is written.
type memoryStream struct {
	in    []byte
	chunk int // 0 = as much as fits
	out   bytes.Buffer
}

func (t *memoryStream) Read(b []byte) (int, error) {
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

func (t *memoryStream) Write(b []byte) (int, error) { return t.out.Write(b) }
func (t *memoryStream) Close() error                { return nil }

// received is a whole message or control frame.
type received struct {
	op      Opcode
	payload string
}

// receive joins the fragments that Next returns, until its error.
func receive(c *Conn) (all []received, err error) {
	var message []byte
	inside := false
	for {
		p, err := c.Next()
		if err != nil {
			return all, err
		}
		if p.Opcode.control() {
			all = append(all, received{p.Opcode, string(p.Payload)})
			continue
		}
		if p.First == inside {
			return all, errors.New("First inside a message, or no First at its beginning")
		}
		inside = !p.Last
		if p.First {
			message = nil
		}
		if len(p.Payload) == 0 && !p.Last {
			return all, errors.New("an empty fragment inside a message")
		}
		message = append(message, p.Payload...)
		if p.Last {
			all = append(all, received{p.Opcode, string(message)})
		}
	}
}

func read(stream []byte, chunk int, o Options) ([]received, error) {
	c := NewConn(&memoryStream{in: stream, chunk: chunk}, o)
	defer c.Close()
	return receive(c)
}

// code returns the close code of a ProtocolError; 0 = another error.
func code(err error) int {
	if p, ok := errors.AsType[*ProtocolError](err); ok {
		return p.Code
	}
	return 0
}
