package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"wsx/bench/compare/load"
	"wsx/bench/compare/raw"
)

// prefixed returns a reader of the buffered bytes and then of the connection itself, so that large reads are not split.
func prefixed(early *bufio.Reader, conn net.Conn) io.Reader {
	first, _ := early.Peek(early.Buffered())
	return io.MultiReader(bytes.NewReader(bytes.Clone(first)), conn)
}

// sink counts messages until all were received, answers the Close, and reports. It reads only headers, unless the job has verify.
func sink(conn net.Conn, source io.Reader, j job, r report) report {
	s := &sinkState{report: r, job: j}
	if j.verify && !j.text {
		s.noise = load.Noise()
	}
	in := make([]byte, 256<<10)
	buffered := 0
	for !s.closed {
		n, err := source.Read(in[buffered:])
		if s.First == 0 && n > 0 {
			s.First = time.Now().UnixNano()
		}
		if err != nil {
			s.Error = fmt.Sprintf("after %d of %d messages: %v", s.Messages, j.messages, err)
			break
		}
		rest, err := s.frames(in[:buffered+n])
		if err != nil {
			s.Error = err.Error()
			break
		}
		buffered = copy(in, rest)
	}
	conn.Write(raw.AppendHeader(nil, raw.Fin|raw.Close, 0))
	if want := j.messages * j.messageSize(); s.Error == "" && (s.Messages != j.messages || s.Bytes != want) {
		s.Error = fmt.Sprintf("received %d messages with %d bytes, want %d with %d", s.Messages, s.Bytes, j.messages, want)
	}
	return s.report
}

type sinkState struct {
	report
	job       job
	noise     []byte
	message   []byte // the received part of the current message, with verify
	header    raw.Header
	remaining int // number of bytes of the current payload not received yet
	closed    bool
}

// frames counts the messages in p, and returns the rest, less than a header.
func (s *sinkState) frames(p []byte) ([]byte, error) {
	for len(p) > 0 && !s.closed {
		if s.remaining == 0 {
			h, size := raw.Parse(p)
			if size == 0 {
				return p, nil
			}
			p, s.header, s.remaining = p[size:], h, h.Length
			s.closed = h.Opcode == raw.Close
		}
		n := min(s.remaining, len(p))
		if s.job.verify && s.isData() {
			s.appendPayload(p[:n])
		}
		p, s.remaining = p[n:], s.remaining-n
		if s.remaining == 0 && s.isData() {
			if err := s.frameEnds(); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (s *sinkState) isData() bool { return s.header.Opcode < raw.Close }

// appendPayload appends a part of a payload, unmasked. The key is rotated, as a part may begin anywhere in the payload.
func (s *sinkState) appendPayload(p []byte) {
	rotation := (s.header.Length - s.remaining) % 4 * 8
	start := len(s.message)
	s.message = append(s.message, p...)
	raw.Mask(s.message[start:], s.header.Key>>rotation|s.header.Key<<(32-rotation))
}

func (s *sinkState) frameEnds() error {
	if !s.header.Masked {
		return errors.New("a frame is not masked")
	}
	s.Bytes += s.header.Length
	if !s.header.Fin {
		return nil
	}
	if s.job.verify {
		if !bytes.Equal(s.message, s.expectedMessage()) {
			return fmt.Errorf("message %d is not what was sent: %.40q", s.Messages, s.message)
		}
		s.message = s.message[:0]
	}
	s.Messages++
	if s.Messages == s.job.messages {
		s.Last = time.Now().UnixNano()
	}
	return nil
}

func (s *sinkState) expectedMessage() []byte {
	if !s.job.text {
		return load.NoiseAt(s.noise, s.Messages, s.job.size)
	}
	line := load.AppendLine(nil, s.Messages, s.job.size)
	if s.job.end {
		line = append(line, '\n')
	}
	return line
}

func (j job) messageSize() int {
	if j.end {
		return j.size + 1
	}
	return j.size
}
