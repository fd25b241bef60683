package client

import (
	"errors"
	"fmt"
	"time"

	"wsx/client/wire"
)

// errNoPong is the cause of a loss after Options.PingTimeout.
var errNoPong = errors.New("no pong")

// keepAlive sends a Ping every Options.PingInterval, and closes the stream if, for Options.PingTimeout after a Ping, nothing is
// received and no write makes progress. It returns when the connection is closed or the session closes.
func (r *receiver) keepAlive(c *conn) {
	every, limit := r.options.PingInterval, r.options.PingTimeout
	next := time.Now().Add(every)
	var pinged time.Time // when the first Ping was sent after which nothing was received; zero = no such Ping
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-c.closed:
			return
		case <-r.ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		if !pinged.After(r.lastActivity(c, now)) {
			pinged = time.Time{}
		}
		if !pinged.IsZero() && limit > 0 && now.Sub(pinged) >= limit {
			c.cut(fmt.Errorf("%w in %v", errNoPong, limit))
			return
		}
		if !now.Before(next) {
			next = now.Add(every)
			if pinged.IsZero() {
				pinged = now
			}
			r.sendPing(c.QueueControl, c.probes.add(r.sender.retransmit.writtenCount()))
		}
		timer.Reset(wake(next, pinged, limit).Sub(now))
	}
}

// wake returns when keepAlive must check again: at the next Ping, or when the timeout of the last one expires.
func wake(next, pinged time.Time, limit time.Duration) time.Time {
	if end := pinged.Add(limit); limit > 0 && !pinged.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// sendPing reports a Ping of our own and sends it.
func (s *state) sendPing(send func(wire.Opcode, []byte), data []byte) {
	s.reporter.report(Event{Kind: KindPing, Dir: Out, Time: time.Now(), Payload: data})
	send(wire.Ping, data)
}

// lastActivity returns when something was last received, or a write last made progress. While the receiver does not read
// because the handler is slow, it returns now, since that is not the server's fault.
func (s *state) lastActivity(c *conn, now time.Time) time.Time {
	since := s.activity.reading.Load()
	if since == 0 {
		return now
	}
	return s.activity.start.Add(time.Duration(max(since, c.progress.last.Load())))
}
