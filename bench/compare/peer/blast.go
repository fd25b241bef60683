package main

import (
	"io"
	"net"
	"time"

	"wsx/bench/compare/load"
	"wsx/bench/compare/raw"
)

// blastFrames are the frames of a job. They are encoded before the job is timed, and kept for the next equal job.
type blastFrames struct {
	job   job
	bytes []byte
	total int // number of bytes to send; the frames are repeated up to it
}

// framesFor encodes the frames of a job: all frames for lines; for noise, the frames of one load.Noise.
func (p *peer) framesFor(j job) blastFrames {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frames.job == j {
		return p.frames
	}
	f := blastFrames{job: j}
	if j.text {
		f.bytes = make([]byte, 0, j.messages*(j.size+raw.MaxHeader))
		for i := range j.messages {
			f.bytes = load.AppendLine(raw.AppendHeader(f.bytes, raw.Fin|raw.Text, j.size), i, j.size)
		}
	} else {
		noise := load.Noise()
		unique := min(j.messages, load.NoiseSize/j.size)
		for i := range unique {
			f.bytes = append(raw.AppendHeader(f.bytes, raw.Fin|raw.Binary, j.size), load.NoiseAt(noise, i, j.size)...)
		}
	}
	f.total = j.messages * (raw.HeaderSize(j.size) + j.size)
	p.frames = f
	return f
}

// blast sends the frames in large writes, then a Close.
func blast(conn net.Conn, source io.Reader, f blastFrames, r report) report {
	r.First, r.Messages, r.Bytes = time.Now().UnixNano(), f.job.messages, f.job.messages*f.job.size
	for sent := 0; sent < f.total; {
		rest := f.bytes[sent%len(f.bytes):]
		n, err := conn.Write(rest[:min(len(rest), f.total-sent, 1<<20)])
		if err != nil {
			r.Error = err.Error()
			return r
		}
		sent += n
	}
	r.Last = time.Now().UnixNano()
	conn.Write(append(raw.AppendHeader(nil, raw.Fin|raw.Close, 2), 1000>>8, 1000&0xFF))
	io.Copy(io.Discard, source) // until the contender has closed
	return r
}
