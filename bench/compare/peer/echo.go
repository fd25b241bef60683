package main

import (
	"io"
	"net"

	"wsx/bench/compare/raw"
)

// echo sends each message back until the contender closes. Messages are small: one read, one write.
func echo(conn net.Conn, source io.Reader, r report) report {
	in := make([]byte, 64<<10)
	var out []byte
	buffered := 0
	for {
		n, err := source.Read(in[buffered:])
		if err != nil {
			r.Error = err.Error()
			return r
		}
		rest := in[:buffered+n]
		closed := false
		out, rest, closed = echoFrames(out[:0], rest)
		if _, err := conn.Write(out); err != nil {
			r.Error = err.Error()
			return r
		}
		if closed {
			return r
		}
		buffered = copy(in, rest)
	}
}

// echoFrames appends the echo of each complete frame in p, and returns the rest of p.
func echoFrames(out, p []byte) (echoed, rest []byte, closed bool) {
	for {
		h, size := raw.Parse(p)
		if size == 0 || len(p) < size+h.Length {
			return out, p, closed
		}
		payload := p[size : size+h.Length]
		raw.Mask(payload, h.Key)
		out = append(raw.AppendHeader(out, raw.Fin|h.Opcode, h.Length), payload...)
		p = p[size+h.Length:]
		closed = closed || h.Opcode == raw.Close
	}
}
