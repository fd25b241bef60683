package main

import (
	"bufio"
	"io"

	"wsx/bench/compare/raw"
)

// receive writes each payload to out, with an end of line if lines is set, until a Close is received. early has the bytes received
// with the handshake; the rest is read from conn in large blocks.
func receive(early *bufio.Reader, conn io.Reader, out io.Writer, lines bool) error {
	r := receiver{out: out, lines: lines}
	in := make([]byte, 4*block)
	buffered, err := early.Read(in[:early.Buffered()])
	for err == nil {
		rest, more, err := r.frames(in[:buffered])
		if err != nil || !more {
			return err
		}
		buffered = copy(in, rest)
		var n int
		if n, err = conn.Read(in[buffered:]); err != nil {
			return err
		}
		buffered += n
	}
	return err
}

type receiver struct {
	out       io.Writer
	lines     bool
	remaining int    // number of bytes of the current payload not received yet
	fin       bool   // the current frame ends its message
	text      []byte // lines of the current block
}

// frames writes the payloads in p and returns the rest, less than a header. more is false after a Close.
func (r *receiver) frames(p []byte) (rest []byte, more bool, err error) {
	r.text = r.text[:0]
	for len(p) > 0 {
		if r.remaining == 0 {
			h, size := raw.Parse(p)
			if size == 0 {
				break
			}
			if h.Opcode == raw.Close {
				return nil, false, r.flush()
			}
			p, r.remaining, r.fin = p[size:], h.Length, h.Fin
		}
		n := min(r.remaining, len(p))
		if err := r.payload(p[:n]); err != nil {
			return nil, false, err
		}
		p, r.remaining = p[n:], r.remaining-n
	}
	return p, true, r.flush()
}

func (r *receiver) payload(p []byte) error {
	if !r.lines {
		_, err := r.out.Write(p)
		return err
	}
	r.text = append(r.text, p...)
	if len(p) == r.remaining && r.fin {
		r.text = append(r.text, '\n')
	}
	return nil
}

func (r *receiver) flush() error {
	if len(r.text) == 0 {
		return nil
	}
	_, err := r.out.Write(r.text)
	return err
}
