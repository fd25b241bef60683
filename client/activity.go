package client

import (
	"sync/atomic"
	"time"
)

// activity records when the receiver last read, and since when it waits. The time is taken twice a read, not once a message.
type activity struct {
	began     time.Time     // start of the clock
	now       time.Time     // when the last read returned
	received  bool          // a part of a message was received since the last wait
	inMessage bool          // a message has begun and not ended
	counts    Counts        // messages received so far; made public before each wait
	lastWait  time.Duration // how long the last read waited for bytes

	waiting  atomic.Bool  // the receiver waits for the server, with nothing left to handle
	since    atomic.Int64 // by the clock: since when no part of a message was received; 0 = the receiver has not waited yet
	reading  atomic.Int64 // by the clock: since when a read waits for bytes; 0 = no read does
	read     atomic.Int64 // by the clock: when the last read returned
	blocked  atomic.Int64 // nanoseconds in which the handler was slow, so far
	messages atomic.Int64
	bytes    atomic.Int64
}

// Counts are whole messages and the bytes of their payloads.
type Counts struct{ Messages, Bytes int64 }

// clock returns the time in nanoseconds, never 0. It does not jump when the time of day is set.
func (e *activity) clock() int64 { return 1 + int64(time.Since(e.began)) }

// beforeRead is called before each read of the stream.
func (s *Session) beforeRead() {
	s.flushHandler()
	e := &s.activity
	e.publish()
	now := e.clock()
	if read := e.read.Load(); read != 0 && now-read >= int64(slowHandler) {
		e.blocked.Add(now - read)
	}
	if e.received || e.since.Load() == 0 {
		e.received = false
		e.since.Store(now)
	}
	e.reading.Store(now)
	e.waiting.Store(!e.inMessage)
}

// flushHandler calls the handler's Flush.
func (s *Session) flushHandler() {
	if s.handlerFailed.Load() {
		return
	}
	if err := s.handler.Flush(); err != nil {
		s.failHandler(err)
	}
}

// publish makes the counts visible to other goroutines.
func (e *activity) publish() {
	e.messages.Store(e.counts.Messages)
	e.bytes.Store(e.counts.Bytes)
}

// idle returns how long the last read waited for bytes.
func (e *activity) idle() time.Duration { return e.lastWait }

// afterRead is called after each read of the stream.
func (s *Session) afterRead() {
	e := &s.activity
	e.waiting.Store(false)
	e.now = time.Now()
	e.read.Store(1 + int64(e.now.Sub(e.began)))
	if since := e.reading.Load(); since != 0 {
		e.lastWait = time.Duration(e.read.Load() - since)
	}
	e.reading.Store(0)
}

// forget is called between two connections: the rest of a message that was received in part will not arrive.
func (e *activity) forget() {
	e.publish()
	e.received, e.inMessage = false, false
	e.since.Store(0)
}

// Silence returns how long the server has sent no message while the receiver waited with nothing left to handle. It is 0 while a
// message is being received, while a slow handler keeps the session from reading, and while there is no connection. Pings do not
// end it.
func (s *Session) Silence() time.Duration {
	if !s.activity.waiting.Load() {
		return 0
	}
	return time.Duration(s.activity.clock() - s.activity.since.Load())
}

// Received counts received messages, exact whenever the session waits for the server.
func (s *Session) Received() Counts {
	return Counts{s.activity.messages.Load(), s.activity.bytes.Load()}
}
