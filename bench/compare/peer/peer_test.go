package main

import (
	"bytes"
	"strings"
	"testing"

	"wsx/bench/compare/load"
	"wsx/bench/compare/raw"
)

func masked(first byte, payload []byte) []byte {
	const key = 0x12345678
	p := raw.AppendMasked(nil, first, len(payload), key)
	start := len(p)
	p = append(p, payload...)
	raw.Mask(p[start:], key)
	return p
}

// feed passes a stream to a sinkState in parts of a size.
func feed(s *sinkState, stream []byte, size int) error {
	var buffered []byte
	for len(stream) > 0 {
		n := min(size, len(stream))
		rest, err := s.frames(append(buffered, stream[:n]...))
		if err != nil {
			return err
		}
		buffered, stream = bytes.Clone(rest), stream[n:]
	}
	return nil
}

// TestSinkVerifies: for parts of any size, correct messages are counted and a wrong one is found.
func TestSinkVerifies(t *testing.T) {
	var stream []byte
	for i := range 20 {
		line := load.AppendLine(nil, i, 9)
		stream = append(stream, masked(raw.Text, line[:3])...)
		stream = append(stream, masked(raw.Fin, line[3:])...)
	}
	stream = append(stream, masked(raw.Fin|raw.Close, nil)...)
	j := job{messages: 20, size: 9, text: true, verify: true}
	for size := 1; size < 40; size++ {
		s := &sinkState{job: j}
		if err := feed(s, stream, size); err != nil || s.Messages != 20 || s.Bytes != 180 || !s.closed {
			t.Fatalf("in parts of %d: %d messages, %d bytes, closed %v (%v)", size, s.Messages, s.Bytes, s.closed, err)
		}
	}
	stream[len(stream)-9]++
	if err := feed(&sinkState{job: j}, stream, 1000); err == nil || !strings.Contains(err.Error(), "message 19") {
		t.Errorf("a wrong message 19 gives %v", err)
	}
}

func TestSinkRefusesUnmasked(t *testing.T) {
	s := &sinkState{job: job{messages: 1, size: 2}}
	if err := feed(s, append(raw.AppendHeader(nil, raw.Fin|raw.Text, 2), "hi"...), 100); err == nil {
		t.Error("a frame that is not masked was counted")
	}
}

// TestBlastFrames: the frames have the messages of the job, also if they are sent repeatedly.
func TestBlastFrames(t *testing.T) {
	p := &peer{}
	f := p.framesFor(job{messages: 3, size: 4, text: true})
	if got := string(f.bytes); got != "\x81\x040000\x81\x040001\x81\x040002" || f.total != len(got) {
		t.Errorf("lines are %q, %d bytes of them", got, f.total)
	}
	f = p.framesFor(job{messages: 3, size: load.NoiseSize})
	if len(f.bytes) != 10+load.NoiseSize || f.total != 3*len(f.bytes) {
		t.Errorf("noise is %d bytes, %d in all", len(f.bytes), f.total)
	}
}

func TestEchoFrames(t *testing.T) {
	stream := append(masked(raw.Fin|raw.Text, []byte("one")), masked(raw.Fin|raw.Binary, []byte{1, 2})...)
	stream = append(stream, masked(raw.Fin|raw.Close, nil)...)
	out, rest, closed := echoFrames(nil, stream)
	if string(out) != "\x81\x03one\x82\x02\x01\x02\x88\x00" || len(rest) != 0 || !closed {
		t.Errorf("got %q, %d bytes left, closed %v", out, len(rest), closed)
	}
}
