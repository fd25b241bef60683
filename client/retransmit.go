package client

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"wsx/client/wire"
)

// The capacity of a queue; a single message may be larger. At most this much can be unconfirmed after a loss.
const (
	maxQueued      = 16 << 10  // messages
	maxQueuedBytes = 256 << 10 // of their payloads
)

// How much is sent before a probe asks the server to confirm it.
const (
	probeMessages = maxQueued / 16
	probeBytes    = maxQueuedBytes / 16
)

// pongTimeout is how long a full queue waits for the first Pong on a connection. A server that answers no Ping violates RFC
// 6455, section 5.5.2, but it can be used.
const pongTimeout = 5 * time.Second

// retransmitQueue holds sent messages until they are known to have arrived. Only a session that reconnects has one.
//
// If the connection is lost before that, there are two cases. A message that was not written whole cannot have arrived: it is
// sent on the next connection. One that was written is unconfirmed, and sent again only with Options.Resend.
//
// A sender has the turn until its message is written to the connection, so that the order of the queue is that on the wire.
// The lock is not held while it writes: the receiver must not wait for a sender.
type retransmitQueue struct {
	*state
	resend bool

	mu              sync.Mutex     // guards the fields below; held for moments only
	change          sync.Cond      // a field below has changed
	turn            bool           // a sender has the turn
	initial         []pendingFrame // messages sent first on each further connection
	queue           []pendingFrame // in the order of sending
	sent            int            // number of frames of the queue, from the first, that were written to the connection
	size            int            // bytes in the queue
	conn            *conn          // to which messages are written; nil = not connected
	begun           uint64         // messages written to the connection, the last perhaps in part
	writtenWhole    uint64         // messages written to it whole
	confirmed       uint64         // messages of it that are known to have arrived
	sinceProbe      int            // messages sent since the last probe
	sinceProbeBytes int            // their bytes
	probeWanted     bool           // send another probe when the last is answered
	unflushed       bool           // the connection's buffer may not be empty
	broken          bool           // a write to the connection failed: the receiver will find out that it is lost
	fragmentConn    *conn          // the connection to which a fragmented message is being written; nil = no such message
	fragmentReply   bool           // it is a reply
	abandoned       bool           // a sender's fragmented message was lost in the middle, and its other fragments are dropped
	noPongs         bool           // the server answers no Ping: written messages are not held
	unprotected     unconfirmed    // messages not held because of that
	lastUnprotected uint64         // number of the last of them
}

// pendingFrame is a message, or a Ping or Pong of the caller.
type pendingFrame struct {
	opcode       wire.Opcode
	data         []byte
	frameSize    int    // largest frame of a message, in bytes; 0 = one frame
	number       int    // of Message
	ordinal      uint64 // number of the message on its connection, from 1; of a Ping or Pong, that of the message before it
	fragmented   bool   // sent in fragments, which are not held: it is only counted
	maybeArrived bool   // written whole to a connection that was lost
	arrived      bool   // of an initial message: it is known to have arrived, on one connection at least
}

// isMessage reports whether it is a message, not a Ping or Pong.
func (f pendingFrame) isMessage() bool { return f.opcode == Text || f.opcode == Binary }

func newRetransmitQueue(s *state, c *conn) *retransmitQueue {
	q := &retransmitQueue{state: s, resend: s.options.Resend, conn: c}
	q.change.L = &q.mu
	context.AfterFunc(s.ctx, q.wake) // then all sends fail with ErrClosed
	return q
}

// send sends a message, or holds it until there is a connection.
func (q *retransmitQueue) send(m Message) error {
	f := pendingFrame{opcode: m.Type, data: m.Data, frameSize: m.FrameSize, number: m.Number}
	if m.Repeat {
		return q.addInitial(f)
	}
	return q.add(f)
}

func (q *retransmitQueue) add(f pendingFrame) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.awaitTurn(f.isMessage()); err != nil {
		return err
	}
	f.data = bytes.Clone(f.data)
	q.queue = append(q.queue, f)
	q.size += len(f.data)
	if q.conn != nil {
		q.sendNext()
	}
	return q.closedErr()
}

// addInitial sends a message that is sent again first on each further connection.
func (q *retransmitQueue) addInitial(f pendingFrame) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.awaitTurn(true); err != nil {
		return err
	}
	f.data = bytes.Clone(f.data)
	q.initial = append(q.initial, f)
	if q.conn != nil {
		q.sendInitial(&q.initial[len(q.initial)-1], false)
	}
	return q.closedErr()
}

// sendFragment sends a message, or a fragment of one, that is not held for a retransmission; with tracked it counts as
// unconfirmed after a loss.
func (q *retransmitQueue) sendFragment(f fragment, tracked bool) error {
	var only *conn // on which a reply is sent, if at all
	if !tracked {
		only = q.state.conn.Load()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if f.first {
		if err := q.awaitConn(only); err != nil || q.conn == nil || only != nil && q.conn != only {
			return err
		}
		q.begun++
		q.fragmentConn, q.fragmentReply = q.conn, !tracked
		if tracked {
			q.queue = append(q.queue, pendingFrame{opcode: f.kind, ordinal: q.begun, fragmented: true})
			q.sent++
		}
	}
	for q.turn {
		q.change.Wait()
	}
	c := q.fragmentConn
	if c == nil || c != q.conn || q.fragmentReply == tracked {
		q.dropFragment(f, tracked)
		return q.closedErr()
	}
	if q.unflushed = true; f.last {
		q.fragmentConn = nil
	}
	q.withTurn(func() { f.write(c) }) // the receiver finds out if the connection is lost
	if f.last {
		q.countWritten(len(f.data))
	}
	return q.closedErr()
}

// dropFragment drops a fragment whose message began on a connection that is lost.
func (q *retransmitQueue) dropFragment(f fragment, tracked bool) {
	if !f.last {
		return
	}
	if q.fragmentReply != tracked {
		q.fragmentConn = nil
	}
	if tracked {
		q.abandoned = false
	}
	q.change.Broadcast()
}

// closedErr returns ErrClosed when nothing can be sent any more.
func (q *retransmitQueue) closedErr() error {
	if q.ctx.Err() != nil {
		return ErrClosed
	}
	return nil
}

// awaitTurn waits for the turn and for room in the queue. A message also waits for the last fragment of another one; a Ping or Pong
// between fragments does not wait for room, as the receiver, which makes room, may wait for the last fragment to send a reply.
func (q *retransmitQueue) awaitTurn(message bool) error {
	for {
		switch {
		case q.ctx.Err() != nil:
			return ErrClosed
		case q.turn, message && q.fragmentConn != nil:
			q.change.Wait()
		case !q.full(), !message && q.fragmentConn != nil:
			return nil
		case q.conn != nil && q.unflushed:
			q.flushAndProbe(q.conn) // flush before blocking
		default:
			q.awaitRoom()
		}
	}
}

// awaitConn waits for the turn, and for a connection. A reply is for one connection, only, and does not wait for the next: there is
// none before the receiver, which may be sending the reply, has found out that this one is lost. only is nil for other messages.
func (q *retransmitQueue) awaitConn(only *conn) error {
	reply := only != nil
	for q.ctx.Err() == nil && !(reply && q.isLost(only)) && (q.turn || q.fragmentConn != nil || q.conn == nil || q.abandoned && !reply) {
		q.change.Wait()
	}
	return q.closedErr()
}

// isLost reports whether a connection is lost, or was replaced.
func (q *retransmitQueue) isLost(c *conn) bool {
	current, connected := q.current()
	return q.broken || !connected || current != c
}

// awaitRoom waits for room in the queue, or until pongTimeout shows that the server answers no Ping.
func (q *retransmitQueue) awaitRoom() {
	c := q.conn
	if c == nil || c.probes.hasAnswer() {
		q.change.Wait()
		return
	}
	timer := time.AfterFunc(pongTimeout, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.noPongs = q.conn == c && !c.probes.hasAnswer()
		q.change.Broadcast()
	})
	q.change.Wait()
	timer.Stop()
}

// full reports whether the queue has no room, after dropping what is confirmed.
func (q *retransmitQueue) full() bool {
	q.release()
	if q.noPongs && q.conn != nil {
		q.dropUnconfirmable(q.conn.Written())
	}
	return len(q.queue) >= maxQueued || q.size >= maxQueuedBytes
}

// release drops what is confirmed.
func (q *retransmitQueue) release() {
	n := 0
	for n < q.sent && q.queue[n].ordinal <= q.confirmed {
		n++
	}
	q.drop(n)
}

// dropUnconfirmable drops the messages that were written whole, up to the given number: a server that answers no Ping will not
// confirm them. They are counted as unprotected.
func (q *retransmitQueue) dropUnconfirmable(written uint64) {
	n := 0
	for n < q.sent && q.queue[n].ordinal <= written {
		if f := q.queue[n]; f.isMessage() {
			q.unprotected.join(f.number)
			q.lastUnprotected = f.ordinal
		}
		n++
	}
	q.drop(n)
}

// drop removes the first n frames of the queue.
func (q *retransmitQueue) drop(n int) {
	for i := range n {
		q.size -= len(q.queue[i].data)
		q.queue[i].data = nil
	}
	q.queue, q.sent = q.queue[n:], q.sent-n
}

// sendNext writes the first frame of the queue that was not written to the connection.
func (q *retransmitQueue) sendNext() {
	f := &q.queue[q.sent]
	q.sent++
	if f.ordinal = q.begun; f.isMessage() {
		f.ordinal++
	}
	q.write(*f)
}

// sendInitial writes an initial message to the connection; again = it was reported before.
func (q *retransmitQueue) sendInitial(f *pendingFrame, again bool) {
	f.ordinal = q.begun + 1
	sent := *f
	sent.maybeArrived = again
	q.write(sent)
}

// write writes a frame to the connection, and sends a probe when much has been written. After an error the connection is not
// used any more.
func (q *retransmitQueue) write(f pendingFrame) {
	if f.isMessage() {
		q.begun++
	}
	c, err := q.conn, error(nil)
	q.withTurn(func() { err = q.writeNext(c, f) })
	if err != nil {
		q.conn, q.broken = nil, true
		return
	}
	if q.unflushed = true; f.isMessage() {
		q.countWritten(len(f.data))
	}
	if q.sinceProbe >= probeMessages || q.sinceProbeBytes >= probeBytes {
		q.probe(c)
	}
}

// writeNext writes a frame, and reports a message that is sent again.
func (q *retransmitQueue) writeNext(c *conn, f pendingFrame) error {
	if !f.isMessage() {
		return c.WriteControl(f.opcode, f.data)
	}
	if f.maybeArrived {
		q.reportSent(fragment{f.opcode, f.data, true, true})
	}
	return c.writeMessage(f.opcode, f.data, f.frameSize)
}

// countWritten counts a message of size bytes that was written whole.
func (q *retransmitQueue) countWritten(size int) {
	q.writtenWhole = q.begun
	q.sinceProbe, q.sinceProbeBytes = q.sinceProbe+1, q.sinceProbeBytes+size
}

// withTurn takes the turn and calls do with the lock released.
func (q *retransmitQueue) withTurn(do func()) {
	q.turn = true
	q.mu.Unlock()
	do()
	q.mu.Lock()
	q.turn = false
	q.change.Broadcast()
}

// probe sends a Ping whose Pong confirms what was sent before.
func (q *retransmitQueue) probe(c *conn) {
	q.sinceProbe, q.sinceProbeBytes = 0, 0
	data := c.probes.add(q.writtenWhole)
	q.withTurn(func() {
		q.sendPing(func(op wire.Opcode, data []byte) { c.WriteControl(op, data) }, data)
	})
}

// flushAndProbe flushes, and probes if messages were sent since the last probe.
func (q *retransmitQueue) flushAndProbe(c *conn) {
	if q.sinceProbe > 0 {
		q.probe(c)
	}
	q.unflushed = false
	q.withTurn(func() { c.Flush() })
}

// flush flushes the connection, and probes, now or when the last probe is answered.
func (q *retransmitQueue) flush() error {
	q.mu.Lock()
	for q.turn && q.ctx.Err() == nil {
		q.change.Wait()
	}
	c, err := q.conn, q.closedErr()
	if c != nil && err == nil && q.sinceProbe > 0 {
		if q.probeWanted = c.probes.hasOutstanding(); !q.probeWanted {
			q.probe(c)
		}
	}
	q.mu.Unlock()
	if c != nil {
		c.Flush()
	}
	return err
}

// writtenCount returns how many messages were written to the connection: a probe that is queued now confirms them.
func (q *retransmitQueue) writtenCount() uint64 {
	if q == nil {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.writtenWhole
}

// confirm records that the messages of a connection up to a number have arrived.
func (q *retransmitQueue) confirm(c *conn, upto uint64) {
	if q == nil {
		return
	}
	q.mu.Lock()
	q.confirmed, q.noPongs = max(q.confirmed, upto), false
	if q.confirmed >= q.lastUnprotected {
		q.unprotected = nil
	}
	q.change.Broadcast()
	sendProbe := q.probeWanted && q.sinceProbe > 0
	var data []byte
	if sendProbe {
		q.probeWanted, q.sinceProbe, q.sinceProbeBytes = false, 0, 0
		data = c.probes.add(q.writtenWhole)
	}
	q.mu.Unlock()
	if sendProbe {
		q.sendPing(c.QueueControl, data)
	}
}

// awaitConfirmed waits until every message is confirmed, or until no further message was confirmed within the timeout. Without
// a connection it waits for one, if anything is pending.
func (q *retransmitQueue) awaitConfirmed(timeout time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	timer := time.AfterFunc(timeout, q.wake)
	defer timer.Stop()
	end, confirmed := time.Now().Add(timeout), q.confirmed
	for q.ctx.Err() == nil && !q.allConfirmed() {
		if q.turn {
			q.change.Wait()
			continue
		}
		if q.conn != nil && q.unflushed {
			q.flushAndProbe(q.conn)
			continue
		}
		now := time.Now()
		if q.conn == nil || q.confirmed != confirmed {
			end, confirmed = now.Add(timeout), q.confirmed
			timer.Reset(timeout)
		} else if !now.Before(end) {
			return
		}
		q.change.Wait()
	}
}

// allConfirmed reports whether nothing is pending or unconfirmed.
func (q *retransmitQueue) allConfirmed() bool {
	q.release()
	if q.conn != nil {
		return len(q.queue) == 0 && q.confirmed == q.begun
	}
	return len(q.queue) == 0 && !slices.ContainsFunc(q.initial, func(f pendingFrame) bool { return !f.arrived })
}

// wake wakes the goroutines that wait for a change.
func (q *retransmitQueue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.change.Broadcast()
}
