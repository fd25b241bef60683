package client

import (
	"sync/atomic"
	"time"
)

// ear is what the listening goroutine notes of time and silence. Time is taken once a read.
type ear struct {
	now    time.Time // when the last read returned
	heard  bool      // a part of a message came since the last wait
	within bool      // a message has begun and not ended
	tally  Counts    // messages received so far; made public before each wait

	waiting  atomic.Bool  // we wait for the server, with nothing left to show
	since    atomic.Int64 // UnixNano: since when no part of a message has come
	received atomic.Int64
	bytes    atomic.Int64
}

// Counts are whole messages and the bytes of their payloads.
type Counts struct{ Messages, Bytes int64 }

// idle is called before each read of the stream.
func (s *Session) idle() {
	if !s.deaf.Load() {
		if err := s.listener.Idle(); err != nil {
			s.deafen(err)
		}
	}
	e := &s.ear
	e.publish()
	if e.heard || e.since.Load() == 0 {
		e.heard = false
		e.since.Store(time.Now().UnixNano())
	}
	e.waiting.Store(!e.within)
}

// publish makes the tally known to other goroutines.
func (e *ear) publish() {
	e.received.Store(e.tally.Messages)
	e.bytes.Store(e.tally.Bytes)
}

// awake is called after each read of the stream.
func (s *Session) awake() {
	s.ear.waiting.Store(false)
	s.ear.now = time.Now()
}

// Silence is how long the server has said nothing while we listened with nothing left to show. It is 0 while a
// message is on its way, and while a slow reader of ours keeps the session from listening. Pings do not break it.
func (s *Session) Silence() time.Duration {
	if !s.ear.waiting.Load() {
		return 0
	}
	return time.Duration(time.Now().UnixNano() - s.ear.since.Load())
}

// Received counts what has come, exact whenever the session waits for the server.
func (s *Session) Received() Counts {
	return Counts{s.ear.received.Load(), s.ear.bytes.Load()}
}
