package client

import (
	"io"
	"sync/atomic"
	"time"
)

// progressStream records when a blocked write made progress, which shows that the peer has read something.
type progressStream struct {
	io.ReadWriteCloser
	clock func() int64
	last  atomic.Int64 // by the clock; 0 = no write has blocked so far
}

const (
	progressChunk = 16 << 10              // bytes written at once, so that a slow connection shows its progress
	progressDelay = 10 * time.Millisecond // longer than a write takes that does not block
)

// Write writes all of p.
func (w *progressStream) Write(p []byte) (n int, err error) {
	for begin := w.clock(); n < len(p) && err == nil; {
		var m int
		m, err = w.ReadWriteCloser.Write(p[n:min(len(p), n+progressChunk)])
		n += m
		end := w.clock()
		if m > 0 && end-begin >= int64(progressDelay) {
			w.last.Store(end)
		}
		begin = end
	}
	return n, err
}
