package client

import (
	"sync/atomic"
	"time"
)

// slowHandler is how long the handler may take for the data of one read. A longer time counts as waiting for the handler, not
// for the server.
const slowHandler = 10 * time.Millisecond

// activity is the part of the receiver's state that other goroutines read: when it last read, and since when it has been waiting. The clock is read
// twice for each read of the stream, not once for each message.
type activity struct {
	start    time.Time    // start of the clock
	waiting  atomic.Bool  // the receiver waits for the server, with nothing left to handle
	since    atomic.Int64 // by the clock: since when no fragment of a message was received; 0 = the receiver has not waited yet
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
func (r *receiver) beforeRead() {
	r.reporter.flush()
	r.publish()
	a := &r.activity
	now := a.clock()
	if read := a.read.Load(); read != 0 && now-read >= int64(slowHandler) {
		a.blocked.Add(now - read)
	}
	if r.received || a.since.Load() == 0 {
		r.received = false
		a.since.Store(now)
	}
	a.reading.Store(now)
	a.waiting.Store(!r.inMessage)
}

// publish makes the counts visible to other goroutines.
func (r *receiver) publish() {
	r.activity.messages.Store(r.counts.Messages)
	r.activity.bytes.Store(r.counts.Bytes)
}

// afterRead is called after each read of the stream.
func (r *receiver) afterRead() {
	a := &r.activity
	a.waiting.Store(false)
	r.now = time.Now()
	a.read.Store(1 + int64(r.now.Sub(a.start)))
	if since := a.reading.Load(); since != 0 {
		r.lastWait = time.Duration(a.read.Load() - since)
	}
	a.reading.Store(0)
}

// endConn is called after each connection: the rest of a partly received message will not arrive.
func (r *receiver) endConn() {
	r.publish()
	r.received, r.inMessage = false, false
	r.activity.since.Store(0)
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
