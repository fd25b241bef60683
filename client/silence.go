package client

import (
	"sync/atomic"
	"time"
)

// ear is what the listening goroutine notes of time and silence. Time is taken twice a read, not once a message.
type ear struct {
	began  time.Time // from when the clock counts
	now    time.Time // when the last read returned
	heard  bool      // a part of a message came since the last wait
	within bool      // a message has begun and not ended
	tally  Counts    // messages received so far; made public before each wait

	waiting  atomic.Bool  // we wait for the server, with nothing left to show
	since    atomic.Int64 // by the clock: since when no part of a message has come; 0 = it has not been listened yet
	reading  atomic.Int64 // by the clock: since when we wait for bytes; 0 = we do not
	received atomic.Int64
	bytes    atomic.Int64
}

// Counts are whole messages and the bytes of their payloads.
type Counts struct{ Messages, Bytes int64 }

// clock is the time in nanoseconds, never 0. It does not jump when the time of day is set.
func (e *ear) clock() int64 { return 1 + int64(time.Since(e.began)) }

// idle is called before each read of the stream.
func (s *Session) idle() {
	s.rest()
	e := &s.ear
	e.publish()
	now := e.clock()
	if e.heard || e.since.Load() == 0 {
		e.heard = false
		e.since.Store(now)
	}
	e.reading.Store(now)
	e.waiting.Store(!e.within)
}

// rest tells the listener that nothing more is ready.
func (s *Session) rest() {
	if s.deaf.Load() {
		return
	}
	if err := s.listener.Idle(); err != nil {
		s.deafen(err)
	}
}

// publish makes the tally known to other goroutines.
func (e *ear) publish() {
	e.received.Store(e.tally.Messages)
	e.bytes.Store(e.tally.Bytes)
}

// awake is called after each read of the stream.
func (s *Session) awake() {
	s.ear.waiting.Store(false)
	s.ear.reading.Store(0)
	s.ear.now = time.Now()
}

// forget is called between two connections: what was half heard will not be completed.
func (e *ear) forget() {
	e.publish()
	e.heard, e.within = false, false
	e.since.Store(0)
}

// Silence is how long the server has said nothing while we listened with nothing left to show. It is 0 while a
// message is on its way, while a slow reader of ours keeps the session from listening, and while there is no connection.
// Pings do not break it.
func (s *Session) Silence() time.Duration {
	if !s.ear.waiting.Load() {
		return 0
	}
	return time.Duration(s.ear.clock() - s.ear.since.Load())
}

// Received counts what has come, exact whenever the session waits for the server.
func (s *Session) Received() Counts {
	return Counts{s.ear.received.Load(), s.ear.bytes.Load()}
}
