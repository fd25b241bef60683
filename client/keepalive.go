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
	var pinged time.Time // when the first Ping was sent after which nothing was received; zero = no such Ping
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-l.closed:
			return
		case <-s.ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		if !pinged.After(s.lastActivity(l, now)) {
			pinged = time.Time{}
		}
		if !pinged.IsZero() && limit > 0 && now.Sub(pinged) >= limit {
			l.cut(fmt.Errorf("%w in %v", errNoPong, limit))
			return
		}
		if !now.Before(next) {
			next = now.Add(every)
			if pinged.IsZero() {
				pinged = now
			}
			s.sendPing(l.Post, l.probes.add(s.retransmit.writtenCount()))
		}
		timer.Reset(wake(next, pinged, limit).Sub(now))
	}
}

// wake returns when to look again: at the next Ping, or when the timeout of the last expires.
func wake(next, pinged time.Time, limit time.Duration) time.Time {
	if end := pinged.Add(limit); limit > 0 && !pinged.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// sendPing reports a Ping of our own and sends it.
func (s *Session) sendPing(say func(wire.Opcode, []byte), data []byte) {
	s.report(Event{Kind: KindPing, Dir: Out, Time: time.Now(), Payload: data})
	say(wire.Ping, data)
}

// lastActivity returns when something was last received, or a write last made progress. While the receiver does not read,
// because the handler is slow, that is now: the server is not to blame.
func (s *Session) lastActivity(l *conn, now time.Time) time.Time {
	since := s.activity.reading.Load()
	if since == 0 {
		return now
	}
	return s.activity.began.Add(time.Duration(max(since, l.progress.last.Load())))
}

// progressStream records when a blocked write made progress: then the other side has read something.
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
