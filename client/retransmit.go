package client

import (
	"bytes"
	"sync"
	"time"

	"wsx/client/wire"
)

// What a queue holds at most; a single message may be larger. It is also what can be unconfirmed after a loss.
const (
	maxQueued      = 16 << 10  // messages
	maxQueuedBytes = 256 << 10 // of their payloads
)

// How much is sent before a probe asks the server to confirm that it has read it.
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
	session *Session
	resend  bool

	mu              sync.Mutex     // guards the fields below; held for moments only
	change          sync.Cond      // a field below has changed
	turn            bool           // a sender has the turn
	closed          bool           // nothing can be sent any more
	initial         []pendingFrame // messages sent first on each further connection
	queue           []pendingFrame // in the order of sending
	sent            int            // number of frames of the queue, from the first, that were written to the connection
	size            int            // bytes in the queue
	conn            *conn          // to which messages are written; nil = there is no connection
	begun           uint64         // messages written to the connection, the last perhaps in part
	writtenWhole    uint64         // messages written to it whole
	confirmed       uint64         // messages of it that are known to have arrived
	sinceProbe      int            // messages sent since the last probe
	sinceProbeBytes int            // their bytes
	probeWanted     bool           // send another probe when the last is answered
	unflushed       bool           // the connection's buffer may not be empty
	fragmentConn    *conn          // the connection to which a fragmented message is being written; nil = none is
	noPongs         bool           // the server answers no Ping: written messages are not kept
	unprotected     unconfirmed    // messages not kept because of that
	last            uint64         // number of the last of them
}

// pendingFrame is a message, or a Ping or Pong of the caller.
type pendingFrame struct {
	opcode       wire.Opcode
	data         []byte
	frameSize    int // largest frame of a message, in bytes; 0 = one frame
	line         int
	ordinal      uint64 // number of the message on its connection, from 1; of a Ping or Pong, that of the message before it
	fragmented   bool   // sent in fragments; only its line number is kept
	maybeArrived bool   // written whole to a connection that was lost
}

// isMessage reports whether it is a message, not a Ping or Pong.
func (k pendingFrame) isMessage() bool { return k.opcode == Text || k.opcode == Binary }

func newRetransmitQueue(s *Session, l *conn) *retransmitQueue {
	o := &retransmitQueue{session: s, resend: s.options.Resend, conn: l}
	o.change.L = &o.mu
	return o
}

// send sends a message, or holds it until there is a connection.
func (o *retransmitQueue) send(m Message) error {
	k := pendingFrame{opcode: m.Type, data: m.Data, frameSize: m.FrameSize, line: m.Line}
	if m.Repeat {
		return o.addInitial(k)
	}
	return o.add(k)
}

func (o *retransmitQueue) add(k pendingFrame) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.await(k.isMessage()); err != nil {
		return err
	}
	k.data = bytes.Clone(k.data)
	o.queue = append(o.queue, k)
	o.size += len(k.data)
	if o.conn != nil {
		o.sendNext()
	}
	return o.state()
}

// addInitial sends a message that is sent again first on each further connection.
func (o *retransmitQueue) addInitial(k pendingFrame) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.await(true); err != nil {
		return err
	}
	k.data = bytes.Clone(k.data)
	o.initial = append(o.initial, k)
	if o.conn != nil {
		o.write(k)
	}
	return o.state()
}

// sendFragment sends a message, or a fragment of one, that is not kept; with tracked it counts as unconfirmed after a loss.
func (o *retransmitQueue) sendFragment(p fragment, tracked bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.first {
		if err := o.awaitConn(); err != nil {
			return err
		}
		o.begun++
		o.fragmentConn = o.conn
		if tracked {
			o.queue = append(o.queue, pendingFrame{opcode: p.kind, ordinal: o.begun, fragmented: true})
			o.sent++
		}
	}
	for o.turn {
		o.change.Wait()
	}
	l := o.fragmentConn
	if l == nil || l != o.conn {
		return o.state() // the connection on which the message began is lost
	}
	if o.unflushed = true; p.last {
		o.fragmentConn = nil
	}
	o.withTurn(func() { p.write(l) }) // the receiver finds out if the connection is lost
	if p.last {
		o.written(len(p.data))
	}
	return o.state()
}

// state returns ErrClosed when nothing can be sent any more.
func (o *retransmitQueue) state() error {
	if o.closed {
		return ErrClosed
	}
	return nil
}

// await waits for the turn and for room. A message also waits for the last fragment of another.
func (o *retransmitQueue) await(message bool) error {
	for {
		switch {
		case o.closed:
			return ErrClosed
		case o.turn, message && o.fragmentConn != nil:
			o.change.Wait()
		case !o.full():
			return nil
		case o.conn != nil && o.unflushed:
			o.push(o.conn) // flush before blocking
		default:
			o.awaitConfirmation()
		}
	}
}

// awaitConn waits for the turn, and for a connection.
func (o *retransmitQueue) awaitConn() error {
	for !o.closed && (o.turn || o.fragmentConn != nil || o.conn == nil) {
		o.change.Wait()
	}
	return o.state()
}

// awaitConfirmation waits for room, or until no Pong can be expected.
func (o *retransmitQueue) awaitConfirmation() {
	l := o.conn
	if l == nil || l.probes.hasAnswer() {
		o.change.Wait()
		return
	}
	timer := time.AfterFunc(pongTimeout, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.noPongs = o.conn == l && !l.probes.hasAnswer()
		o.change.Broadcast()
	})
	o.change.Wait()
	timer.Stop()
}

// full reports whether the queue has no room, after dropping what is confirmed.
func (o *retransmitQueue) full() bool {
	o.release()
	if o.noPongs && o.conn != nil {
		o.forget(o.conn.Written())
	}
	return len(o.queue) >= maxQueued || o.size >= maxQueuedBytes
}

// release drops what is confirmed.
func (o *retransmitQueue) release() {
	n := 0
	for n < o.sent && o.queue[n].ordinal <= o.confirmed {
		n++
	}
	o.drop(n)
}

// forget drops what was written up to a message of the connection: the server will not confirm it.
func (o *retransmitQueue) forget(written uint64) {
	n := 0
	for n < o.sent && o.queue[n].ordinal <= written {
		if k := o.queue[n]; k.isMessage() {
			o.unprotected.join(k.line)
			o.last = k.ordinal
		}
		n++
	}
	o.drop(n)
}

// drop removes the first n frames of the queue.
func (o *retransmitQueue) drop(n int) {
	for i := range n {
		o.size -= len(o.queue[i].data)
		o.queue[i].data = nil
	}
	o.queue, o.sent = o.queue[n:], o.sent-n
}

// sendNext writes the first frame of the queue that was not written to the connection.
func (o *retransmitQueue) sendNext() {
	k := &o.queue[o.sent]
	o.sent++
	if k.ordinal = o.begun; k.isMessage() {
		k.ordinal++
	}
	o.write(*k)
}

// write writes a frame to the connection, and sends a probe when much has been written. After an error the connection is not
// used any more.
func (o *retransmitQueue) write(k pendingFrame) {
	if k.isMessage() {
		o.begun++
	}
	l, err := o.conn, error(nil)
	o.withTurn(func() { err = o.writeNext(l, k) })
	if err != nil {
		o.conn = nil
		return
	}
	if o.unflushed = true; k.isMessage() {
		o.written(len(k.data))
	}
	if o.sinceProbe >= probeMessages || o.sinceProbeBytes >= probeBytes {
		o.probe(l)
	}
}

// writeNext writes a frame, and reports a message that is sent again.
func (o *retransmitQueue) writeNext(l *conn, k pendingFrame) error {
	if !k.isMessage() {
		return l.WriteControl(k.opcode, k.data)
	}
	if k.maybeArrived {
		o.session.reportSent(k.opcode, k.data, true, true)
	}
	return l.writeMessage(k.opcode, k.data, k.frameSize)
}

// written notes that a message of size bytes was written to the connection whole.
func (o *retransmitQueue) written(size int) {
	o.writtenWhole = o.begun
	o.sinceProbe, o.sinceProbeBytes = o.sinceProbe+1, o.sinceProbeBytes+size
}

// withTurn calls a function that needs the turn, with the lock released.
func (o *retransmitQueue) withTurn(do func()) {
	o.turn = true
	o.mu.Unlock()
	do()
	o.mu.Lock()
	o.turn = false
	o.change.Broadcast()
}

// probe sends a Ping whose Pong confirms what was sent before.
func (o *retransmitQueue) probe(l *conn) {
	o.sinceProbe, o.sinceProbeBytes = 0, 0
	data := l.probes.add(o.writtenWhole)
	o.withTurn(func() {
		o.session.sendPing(func(op wire.Opcode, data []byte) { l.WriteControl(op, data) }, data)
	})
}

// push flushes, and probes if messages were sent since the last probe.
func (o *retransmitQueue) push(l *conn) {
	if o.sinceProbe > 0 {
		o.probe(l)
	}
	o.unflushed = false
	o.withTurn(func() { l.Flush() })
}

// flush flushes the connection, and probes, now or when the last probe is answered.
func (o *retransmitQueue) flush() error {
	o.mu.Lock()
	for o.turn && !o.closed {
		o.change.Wait()
	}
	l, err := o.conn, o.state()
	if l != nil && err == nil && o.sinceProbe > 0 {
		if o.probeWanted = l.probes.hasOutstanding(); !o.probeWanted {
			o.probe(l)
		}
	}
	o.mu.Unlock()
	if l != nil {
		l.Flush()
	}
	return err
}

// writtenCount returns how many messages were written to the connection: a probe that is posted now confirms them.
func (o *retransmitQueue) writtenCount() uint64 {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writtenWhole
}

// confirm notes that the first messages of a connection, up to a number, have arrived.
func (o *retransmitQueue) confirm(l *conn, upto uint64) {
	if o == nil {
		return
	}
	o.mu.Lock()
	o.confirmed, o.noPongs = max(o.confirmed, upto), false
	if o.confirmed >= o.last {
		o.unprotected = nil
	}
	o.change.Broadcast()
	ask := o.probeWanted && o.sinceProbe > 0
	var data []byte
	if ask {
		o.probeWanted, o.sinceProbe, o.sinceProbeBytes = false, 0, 0
		data = l.probes.add(o.writtenWhole)
	}
	o.mu.Unlock()
	if ask {
		o.session.sendPing(l.Post, data)
	}
}

// awaitConfirmed waits until every message is confirmed, as long as some are confirmed within each timeout. While there is no
// connection it waits for one, if anything is pending.
func (o *retransmitQueue) awaitConfirmed(patience time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	timer := time.AfterFunc(patience, o.wake)
	defer timer.Stop()
	end, confirmed := time.Now().Add(patience), o.confirmed
	for !o.closed && !o.allConfirmed() {
		if o.turn {
			o.change.Wait()
			continue
		}
		if o.conn != nil && o.unflushed {
			o.push(o.conn)
			continue
		}
		now := time.Now()
		if o.conn == nil || o.confirmed != confirmed {
			end, confirmed = now.Add(patience), o.confirmed
			timer.Reset(patience)
		} else if !now.Before(end) {
			return
		}
		o.change.Wait()
	}
}

// allConfirmed reports whether nothing is pending or unconfirmed.
func (o *retransmitQueue) allConfirmed() bool {
	o.release()
	return len(o.queue) == 0 && (o.conn == nil || o.confirmed == o.begun)
}

// wake wakes the goroutines that wait for a change.
func (o *retransmitQueue) wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.change.Broadcast()
}

// connLost takes a closed connection out of use, and returns what is unconfirmed because of it.
func (o *retransmitQueue) connLost(l *conn) unconfirmed {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.turn {
		o.change.Wait()
	}
	o.release()
	tracked := o.sort(l.Written())
	o.sent, o.begun, o.writtenWhole, o.confirmed, o.last, o.sinceProbe, o.sinceProbeBytes = 0, 0, 0, 0, 0, 0, 0
	o.conn, o.fragmentConn, o.unprotected = nil, nil, nil
	o.probeWanted, o.unflushed, o.noPongs = false, false, false
	o.change.Broadcast()
	return tracked
}

// sort keeps in the queue what will be sent on the next connection, and returns what is unconfirmed. written is the number of messages
// that were written whole on this one.
func (o *retransmitQueue) sort(written uint64) unconfirmed {
	tracked, rest := o.unprotected, o.queue[:0]
	for i, k := range o.queue {
		sent := i < o.sent
		whole := sent && k.ordinal <= written
		switch {
		case k.isMessage() && (sent && k.fragmented || whole && !o.resend):
			tracked.add(k.line)
		case !whole || k.isMessage():
			k.maybeArrived = k.maybeArrived || whole
			rest = append(rest, k)
			continue
		}
		o.size -= len(k.data)
	}
	clear(o.queue[len(rest):])
	o.queue = rest
	return tracked
}

// replay writes the initial messages and then the queue to a new connection. Then senders may have the turn.
func (o *retransmitQueue) replay(l *conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn = l
	for _, k := range o.initial {
		if o.conn != nil {
			k.maybeArrived = true
			o.write(k)
		}
	}
	for o.conn != nil && o.sent < len(o.queue) {
		o.sendNext()
	}
	if o.conn != nil {
		o.push(l)
	}
}

// end ends all sending.
func (o *retransmitQueue) end() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.change.Broadcast()
}

// unsentAtEnd returns what was to be sent again, and will not be: it is unconfirmed after all.
func (o *retransmitQueue) unsentAtEnd() unconfirmed {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all unconfirmed
	for _, k := range o.queue {
		if k.maybeArrived {
			all.add(k.line)
		}
	}
	return all
}
