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

// prefixed reads the buffered bytes, then the connection itself, so that large reads stay large.
func prefixed(early *bufio.Reader, conn net.Conn) io.Reader {
	first, _ := early.Peek(early.Buffered())
	return io.MultiReader(bytes.NewReader(bytes.Clone(first)), conn)
}

// sink counts messages until all were received, answers the Close, and reports. It reads only headers, unless the job has verify.
func sink(conn net.Conn, source io.Reader, j job, r report) report {
	s := &sinking{report: r, job: j}
	if j.verify && !j.text {
		s.noise = load.Noise()
	}
	in := make([]byte, 256<<10)
	have := 0
	for !s.closed {
		n, err := source.Read(in[have:])
		if s.First == 0 && n > 0 {
			s.First = time.Now().UnixNano()
		}
		if err != nil {
			s.Error = fmt.Sprintf("after %d of %d messages: %v", s.Messages, j.messages, err)
			break
		}
		rest, err := s.frames(in[:have+n])
		if err != nil {
			s.Error = err.Error()
			break
		}
		have = copy(in, rest)
	}
	conn.Write(raw.AppendHeader(nil, raw.Fin|raw.Close, 0))
	if want := j.messages * j.messageSize(); s.Error == "" && (s.Messages != j.messages || s.Bytes != want) {
		s.Error = fmt.Sprintf("%d messages with %d bytes came, want %d with %d", s.Messages, s.Bytes, j.messages, want)
	}
	return s.report
}

type sinking struct {
	report
	job     job
	noise   []byte
	message []byte // the received part of the current message, with verify
	head    raw.Header
	left    int // bytes of the current payload not received yet
	closed  bool
}

// frames counts the messages in p, and returns the rest, less than a header.
func (s *sinking) frames(p []byte) ([]byte, error) {
	for len(p) > 0 && !s.closed {
		if s.left == 0 {
			h, size := raw.Parse(p)
			if size == 0 {
				return p, nil
			}
			p, s.head, s.left = p[size:], h, h.Length
			s.closed = h.Opcode == raw.Close
		}
		n := min(s.left, len(p))
		if s.job.verify && s.isData() {
			s.keep(p[:n])
		}
		p, s.left = p[n:], s.left-n
		if s.left == 0 && s.isData() {
			if err := s.frameEnds(); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (s *sinking) isData() bool { return s.head.Opcode < raw.Close }

// keep unmasks a part of a payload. A part may begin anywhere, so the key is rotated.
func (s *sinking) keep(p []byte) {
	turn := (s.head.Length - s.left) % 4 * 8
	start := len(s.message)
	s.message = append(s.message, p...)
	raw.Mask(s.message[start:], s.head.Key>>turn|s.head.Key<<(32-turn))
}

func (s *sinking) frameEnds() error {
	if !s.head.Masked {
		return errors.New("a frame is not masked")
	}
	s.Bytes += s.head.Length
	if !s.head.Fin {
		return nil
	}
	if s.job.verify {
		if !bytes.Equal(s.message, s.wanted()) {
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

func (s *sinking) wanted() []byte {
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
