package main

import (
	"bufio"
	"io"

	"wsx/bench/compare/raw"
)

// receive writes each payload to out, with an end of line if lines is set, until a Close is received. early has the bytes received
// with the handshake; the rest is read from conn in large blocks.
func receive(early *bufio.Reader, conn io.Reader, out io.Writer, lines bool) error {
	l := receiver{out: out, lines: lines}
	in := make([]byte, 4*block)
	buffered, err := early.Read(in[:early.Buffered()])
	for err == nil {
		rest, more, err := l.frames(in[:buffered])
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
func (l *receiver) frames(p []byte) (rest []byte, more bool, err error) {
	l.text = l.text[:0]
	for len(p) > 0 {
		if l.remaining == 0 {
			h, size := raw.Parse(p)
			if size == 0 {
				break
			}
			if h.Opcode == raw.Close {
				return nil, false, l.flush()
			}
			p, l.remaining, l.fin = p[size:], h.Length, h.Fin
		}
		n := min(l.remaining, len(p))
		if err := l.payload(p[:n]); err != nil {
			return nil, false, err
		}
		p, l.remaining = p[n:], l.remaining-n
	}
	return p, true, l.flush()
}

func (l *receiver) payload(p []byte) error {
	if !l.lines {
		_, err := l.out.Write(p)
		return err
	}
	l.text = append(l.text, p...)
	if len(p) == l.remaining && l.fin {
		l.text = append(l.text, '\n')
	}
	return nil
}

func (l *receiver) flush() error {
	if len(l.text) == 0 {
		return nil
	}
	_, err := l.out.Write(l.text)
	return err
}
