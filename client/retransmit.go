package client

import (
	"bytes"
	"sync"
	"time"

	"wsx/client/wire"
)

// What an outbox keeps at most; a single message may be larger. It is also what can be in doubt after a loss.
const (
	maxQueued      = 16 << 10  // messages
	maxQueuedBytes = 256 << 10 // of their payloads
)

// How much is said before the server is asked to prove that it has read it.
const (
	probeMessages = maxQueued / 16
	probeBytes    = maxQueuedBytes / 16
)

// pongTimeout is how long a full outbox waits for the first Pong on a link. A server that answers no Ping breaks RFC
// 6455, section 5.5.2, but it can be talked to.
const pongTimeout = 5 * time.Second

// retransmitQueue keeps what was said until it is known to have arrived. Only a session that reconnects has one.
//
// If the connection is lost before that, there are two cases. What the stream has not taken whole cannot have arrived: it
// is said on the next connection. What it has is in doubt, and said again only with Options.Resend.
//
// Whoever says something has the turn until it is handed to the link, so that the order of the queue is that on the wire.
// The lock is not held meanwhile: who listens must not wait for who says.
type retransmitQueue struct {
	session *Session
	resend  bool

	mu              sync.Mutex     // guards what follows; held for moments only
	change          sync.Cond      // something below has changed
	turn            bool           // somebody has it
	closed          bool           // nothing can be said any more
	greeting        []pendingFrame // what is said first on each further link
	queue           []pendingFrame // in its order; the first sent of them were said on the link
	sent            int
	size            int         // bytes in the queue
	conn            *conn       // on which things are said; nil = there is none
	begun           uint64      // messages handed to the link, the last perhaps not wholly
	writtenWhole    uint64      // messages handed to it wholly
	confirmed       uint64      // messages of it that have arrived
	sinceProbe      int         // messages said since the last probe
	sinceProbeBytes int         // their bytes
	probeWanted     bool        // another probe, when the last is answered
	unflushed       bool        // something may lie in the link's buffer
	fragmentConn    *conn       // the link on which a message is being said in parts; nil = none is
	noPongs         bool        // the server answers no Ping: what was written is not kept
	unprotected     unconfirmed // what was not kept because of that
	last            uint64      // of that
}

// pendingFrame is a message, or a Ping or Pong that who talks wants to be said.
type pendingFrame struct {
	opcode       wire.Opcode
	data         []byte
	line         int
	ordinal      uint64 // which message of the link it is, from 1; of a Ping or Pong, of the message before it
	fragmented   bool   // it was said in parts, and only its name is kept
	maybeArrived bool   // it was written whole on a link that was lost
}

// isMessage says whether it is one, and not a Ping or Pong.
func (k pendingFrame) isMessage() bool { return k.opcode == Text || k.opcode == Binary }

func newRetransmitQueue(s *Session, l *conn) *retransmitQueue {
	o := &retransmitQueue{session: s, resend: s.options.Resend, conn: l}
	o.change.L = &o.mu
	return o
}

// send says a message, or keeps it until there is a link.
func (o *retransmitQueue) send(m Message) error {
	k := pendingFrame{opcode: m.Type, data: m.Data, line: m.Line}
	if m.Repeat {
		return o.addGreeting(k)
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

// addGreeting says what is to be said again on each further link.
func (o *retransmitQueue) addGreeting(k pendingFrame) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.await(true); err != nil {
		return err
	}
	k.data = bytes.Clone(k.data)
	o.greeting = append(o.greeting, k)
	if o.conn != nil {
		o.write(k)
	}
	return o.state()
}

// sendFragment says a message, or a part of one, that is not kept; of those that are doubted the name is.
func (o *retransmitQueue) sendFragment(p fragment, doubted bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.first {
		if err := o.awaitConn(); err != nil {
			return err
		}
		o.begun++
		o.fragmentConn = o.conn
		if doubted {
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
	o.withTurn(func() { p.write(l) }) // that it is lost, who listens will find out
	if p.last {
		o.written(len(p.data))
	}
	return o.state()
}

// state says whether anything can still be said.
func (o *retransmitQueue) state() error {
	if o.closed {
		return ErrClosed
	}
	return nil
}

// await waits for the turn and for room. A message also waits for the end of one that is said in parts.
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
			o.push(o.conn) // flush before you block
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

// awaitConfirmation waits for room, or until there is no hope of a Pong.
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

// full says whether there is no room, after it has made what room there is.
func (o *retransmitQueue) full() bool {
	o.release()
	if o.noPongs && o.conn != nil {
		o.forget(o.conn.Written())
	}
	return len(o.queue) >= maxQueued || o.size >= maxQueuedBytes
}

// release lets go of what has arrived.
func (o *retransmitQueue) release() {
	n := 0
	for n < o.sent && o.queue[n].ordinal <= o.confirmed {
		n++
	}
	o.drop(n)
}

// forget lets go of what was written, up to a message of the link: the server will never say that it has it.
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

// drop removes the first n of the queue.
func (o *retransmitQueue) drop(n int) {
	for i := range n {
		o.size -= len(o.queue[i].data)
		o.queue[i].data = nil
	}
	o.queue, o.sent = o.queue[n:], o.sent-n
}

// sendNext says the first in the queue that was not said on the link.
func (o *retransmitQueue) sendNext() {
	k := &o.queue[o.sent]
	o.sent++
	if k.ordinal = o.begun; k.isMessage() {
		k.ordinal++
	}
	o.write(*k)
}

// write hands something to the link, and asks for a proof when much has been handed to it. Where it cannot be written,
// nothing can any more.
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

// writeNext writes it. What is said once more is told once more.
func (o *retransmitQueue) writeNext(l *conn, k pendingFrame) error {
	if !k.isMessage() {
		return l.WriteControl(k.opcode, k.data)
	}
	if k.maybeArrived {
		o.session.reportSent(k.opcode, k.data, true, true)
	}
	return l.WriteMessage(k.opcode, k.data)
}

// written notes that a message was handed to the link wholly, at last so many bytes of it.
func (o *retransmitQueue) written(size int) {
	o.writtenWhole = o.begun
	o.sinceProbe, o.sinceProbeBytes = o.sinceProbe+1, o.sinceProbeBytes+size
}

// withTurn does what needs the turn, with the lock released.
func (o *retransmitQueue) withTurn(do func()) {
	o.turn = true
	o.mu.Unlock()
	do()
	o.mu.Lock()
	o.turn = false
	o.change.Broadcast()
}

// probe asks the server to prove that it has read what was said.
func (o *retransmitQueue) probe(l *conn) {
	o.sinceProbe, o.sinceProbeBytes = 0, 0
	data := l.probes.add(o.writtenWhole)
	o.withTurn(func() {
		o.session.sendPing(func(op wire.Opcode, data []byte) { l.WriteControl(op, data) }, data)
	})
}

// push flushes, and asks for a proof of what was said since the last.
func (o *retransmitQueue) push(l *conn) {
	if o.sinceProbe > 0 {
		o.probe(l)
	}
	o.unflushed = false
	o.withTurn(func() { l.Flush() })
}

// flush puts on the wire what was said, and asks for a proof, or will when the last probe is answered.
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

// writtenCount is how many messages were said on the link: a probe that is posted now proves them.
func (o *retransmitQueue) writtenCount() uint64 {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writtenWhole
}

// confirm knows that so many messages have arrived on a link.
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

// awaitConfirmed waits until all that was said is known to have arrived, as long as each bit of that comes within patience.
// While there is no connection it waits for one, if it has anything to say.
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

// allConfirmed says whether nothing is to be said, or to be proved.
func (o *retransmitQueue) allConfirmed() bool {
	o.release()
	return len(o.queue) == 0 && (o.conn == nil || o.confirmed == o.begun)
}

// wake lets who waits look again.
func (o *retransmitQueue) wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.change.Broadcast()
}

// connLost takes a link out of use, after it was closed, and returns what is in doubt by that.
func (o *retransmitQueue) connLost(l *conn) unconfirmed {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.turn {
		o.change.Wait()
	}
	o.release()
	doubted := o.sort(l.Written())
	o.sent, o.begun, o.writtenWhole, o.confirmed, o.last, o.sinceProbe, o.sinceProbeBytes = 0, 0, 0, 0, 0, 0, 0
	o.conn, o.fragmentConn, o.unprotected = nil, nil, nil
	o.probeWanted, o.unflushed, o.noPongs = false, false, false
	o.change.Broadcast()
	return doubted
}

// sort keeps in the queue what will be said on the next link, and returns what is in doubt. So many messages were
// written whole on this one.
func (o *retransmitQueue) sort(written uint64) unconfirmed {
	doubted, rest := o.unprotected, o.queue[:0]
	for i, k := range o.queue {
		said := i < o.sent
		whole := said && k.ordinal <= written
		switch {
		case k.isMessage() && (said && k.fragmented || whole && !o.resend):
			doubted.add(k.line)
		case !whole || k.isMessage():
			k.maybeArrived = k.maybeArrived || whole
			rest = append(rest, k)
			continue
		}
		o.size -= len(k.data)
	}
	clear(o.queue[len(rest):])
	o.queue = rest
	return doubted
}

// replay says on a new link first the greeting, then what is in the queue. Then it is the turn of who talks.
func (o *retransmitQueue) replay(l *conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn = l
	for _, k := range o.greeting {
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

// end lets nothing be said any more.
func (o *retransmitQueue) end() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.change.Broadcast()
}

// unsentAtEnd is what was to be said again, and will not be: it is in doubt after all.
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
