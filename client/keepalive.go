package client

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"wsx/client/wire"
)

// errNoPong is the cause of a loss after Options.PingTimeout.
var errNoPong = errors.New("no pong")

// keepAlive sends a Ping every Options.PingInterval, and cuts the connection when for Options.PingTimeout after a Ping
// nothing was received and no write went on. It ends with the connection, or when the session closes.
func (s *Session) keepAlive(l *conn) {
	every, limit := s.options.PingInterval, s.options.PingTimeout
	next := time.Now().Add(every)
	var asked time.Time // since when a Ping has been without a sign of life; zero = no Ping is
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-l.gone:
			return
		case <-s.ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		if !asked.After(s.lastActivity(l, now)) {
			asked = time.Time{}
		}
		if !asked.IsZero() && limit > 0 && now.Sub(asked) >= limit {
			l.cut(fmt.Errorf("%w in %v", errNoPong, limit))
			return
		}
		if !now.Before(next) {
			next = now.Add(every)
			if asked.IsZero() {
				asked = now
			}
			s.sendPing(l.Post, l.probes.add(s.retransmit.writtenCount()))
		}
		timer.Reset(wake(next, asked, limit).Sub(now))
	}
}

// wake is when to look again: at the next ping, or at the end of patience with the last.
func wake(next, asked time.Time, limit time.Duration) time.Time {
	if end := asked.Add(limit); limit > 0 && !asked.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// sendPing reports a Ping of our own and sends it.
func (s *Session) sendPing(say func(wire.Opcode, []byte), data []byte) {
	s.report(Event{Kind: KindPing, Dir: Out, Time: time.Now(), Payload: data})
	say(wire.Ping, data)
}

// lastActivity is when the server last showed that it lives: something was received, or a write went on. While the
// receiver does not read, because the handler is slow, the server is not to blame.
func (s *Session) lastActivity(l *conn, now time.Time) time.Time {
	since := s.activity.reading.Load()
	if since == 0 {
		return now
	}
	return s.activity.began.Add(time.Duration(max(since, l.progress.last.Load())))
}

// progressStream is a stream that notes when a write that had to wait went on: then the other side has read something.
type progressStream struct {
	io.ReadWriteCloser
	clock func() int64
	last  atomic.Int64 // by the clock; 0 = no write had to wait so far
}

const (
	progressChunk = 16 << 10              // is written at once, in bytes, so that a slow way shows that it gets on
	progressDelay = 10 * time.Millisecond // is longer than a write takes that need not wait
)

// Write writes all of p.
func (e *progressStream) Write(p []byte) (n int, err error) {
	for begin := e.clock(); n < len(p) && err == nil; {
		var m int
		m, err = e.ReadWriteCloser.Write(p[n:min(len(p), n+progressChunk)])
		n += m
		end := e.clock()
		if m > 0 && end-begin >= int64(progressDelay) {
			e.last.Store(end)
		}
		begin = end
	}
	return n, err
}
