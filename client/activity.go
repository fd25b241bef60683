package client

import (
	"sync/atomic"
	"time"
)

// activity records when the receiver last read, and since when it has been waiting. The clock is read twice for each read of
// the stream, not once for each message.
type activity struct {
	start     time.Time     // start of the clock
	now       time.Time     // when the last read returned
	received  bool          // a part of a message was received since the last wait
	inMessage bool          // a message has begun and not ended
	counts    Counts        // messages received so far; published before each wait
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
func (a *activity) clock() int64 { return 1 + int64(time.Since(a.start)) }

// beforeRead is called before each read of the stream.
func (s *Session) beforeRead() {
	s.flushHandler()
	a := &s.activity
	a.publish()
	now := a.clock()
	if read := a.read.Load(); read != 0 && now-read >= int64(slowHandler) {
		a.blocked.Add(now - read)
	}
	if a.received || a.since.Load() == 0 {
		a.received = false
		a.since.Store(now)
	}
	a.reading.Store(now)
	a.waiting.Store(!a.inMessage)
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
func (a *activity) publish() {
	a.messages.Store(a.counts.Messages)
	a.bytes.Store(a.counts.Bytes)
}

// idle returns how long the last read waited for bytes.
func (a *activity) idle() time.Duration { return a.lastWait }

// afterRead is called after each read of the stream.
func (s *Session) afterRead() {
	a := &s.activity
	a.waiting.Store(false)
	a.now = time.Now()
	a.read.Store(1 + int64(a.now.Sub(a.start)))
	if since := a.reading.Load(); since != 0 {
		a.lastWait = time.Duration(a.read.Load() - since)
	}
	a.reading.Store(0)
}

// reset is called between two connections: the rest of a partly received message will not arrive.
func (a *activity) reset() {
	a.publish()
	a.received, a.inMessage = false, false
	a.since.Store(0)
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
