package client

import (
	"bytes"
	"sync"
	"time"

	"wsx/client/wire"
)

// What an outbox keeps at most; a single message may be larger. It is also what can be in doubt after a loss.
const (
	mostKept      = 16 << 10  // messages
	mostKeptBytes = 256 << 10 // of their payloads
)

// How much is said before the server is asked to prove that it has read it.
const (
	probeMessages = mostKept / 16
	probeBytes    = mostKeptBytes / 16
)

// proofPatience is how long a full outbox waits for the first Pong on a link. A server that answers no Ping breaks RFC
// 6455, section 5.5.2, but it can be talked to.
const proofPatience = 5 * time.Second

// outbox keeps what was said until it is known to have arrived. Only a session that reconnects has one.
//
// If the connection is lost before that, there are two cases. What the stream has not taken whole cannot have arrived: it
// is said on the next connection. What it has is in doubt, and said again only with Options.Resend.
//
// Whoever says something has the turn until it is handed to the link, so that the order of the queue is that on the wire.
// The lock is not held meanwhile: who listens must not wait for who says.
type outbox struct {
	session *Session
	resend  bool

	mu        sync.Mutex // guards what follows; held for moments only
	change    sync.Cond  // something below has changed
	turn      bool       // somebody has it
	over      bool       // nothing can be said any more
	greeting  []kept     // what is said first on each further link
	queue     []kept     // in its order; the first sent of them were said on the link
	sent      int
	size      int    // bytes in the queue
	link      *link  // on which things are said; nil = there is none
	begun     uint64 // messages handed to the link, the last perhaps not wholly
	said      uint64 // messages handed to it wholly
	confirmed uint64 // messages of it that have arrived
	unproved  int    // messages said since the last probe
	weight    int    // their bytes
	wanted    bool   // another probe, when the last is answered
	pending   bool   // something may lie in the link's buffer
	parts     *link  // the link on which a message is being said in parts; nil = none is
	mute      bool   // the server answers no Ping: what was written is not kept
	forgotten doubts // what was not kept because of that
	last      uint64 // of that
}

// kept is a message, or a Ping or Pong that who talks wants to be said.
type kept struct {
	opcode wire.Opcode
	data   []byte
	line   int
	place  uint64 // which message of the link it is, from 1; of a Ping or Pong, of the message before it
	parted bool   // it was said in parts, and only its name is kept
	before bool   // it was written whole on a link that was lost
}

// message says whether it is one, and not a Ping or Pong.
func (k kept) message() bool { return k.opcode == Text || k.opcode == Binary }

func newOutbox(s *Session, l *link) *outbox {
	o := &outbox{session: s, resend: s.options.Resend, link: l}
	o.change.L = &o.mu
	return o
}

// say says a message, or keeps it until there is a link.
func (o *outbox) say(m Said) error {
	k := kept{opcode: m.Type, data: m.Data, line: m.Line}
	if m.Again {
		return o.greet(k)
	}
	return o.keep(k)
}

func (o *outbox) keep(k kept) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.await(k.message()); err != nil {
		return err
	}
	k.data = bytes.Clone(k.data)
	o.queue = append(o.queue, k)
	o.size += len(k.data)
	if o.link != nil {
		o.sayNext()
	}
	return o.state()
}

// greet says what is to be said again on each further link.
func (o *outbox) greet(k kept) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.await(true); err != nil {
		return err
	}
	k.data = bytes.Clone(k.data)
	o.greeting = append(o.greeting, k)
	if o.link != nil {
		o.hand(k)
	}
	return o.state()
}

// sayPart says a message, or a part of one, that is not kept; of those that are doubted the name is.
func (o *outbox) sayPart(p part, doubted bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.first {
		if err := o.awaitLink(); err != nil {
			return err
		}
		o.begun++
		o.parts = o.link
		if doubted {
			o.queue = append(o.queue, kept{opcode: p.kind, place: o.begun, parted: true})
			o.sent++
		}
	}
	for o.turn {
		o.change.Wait()
	}
	l := o.parts
	if l == nil || l != o.link {
		return o.state() // the connection on which the message began is lost
	}
	if o.pending = true; p.last {
		o.parts = nil
	}
	o.take(func() { p.write(l) }) // that it is lost, who listens will find out
	if p.last {
		o.handed(len(p.data))
	}
	return o.state()
}

// state says whether anything can still be said.
func (o *outbox) state() error {
	if o.over {
		return ErrGoodbye
	}
	return nil
}

// await waits for the turn and for room. A message also waits for the end of one that is said in parts.
func (o *outbox) await(message bool) error {
	for {
		switch {
		case o.over:
			return ErrGoodbye
		case o.turn, message && o.parts != nil:
			o.change.Wait()
		case !o.full():
			return nil
		case o.link != nil && o.pending:
			o.push(o.link) // flush before you block
		default:
			o.awaitProof()
		}
	}
}

// awaitLink waits for the turn, and for a connection.
func (o *outbox) awaitLink() error {
	for !o.over && (o.turn || o.parts != nil || o.link == nil) {
		o.change.Wait()
	}
	return o.state()
}

// awaitProof waits for room, or until there is no hope of a Pong.
func (o *outbox) awaitProof() {
	l := o.link
	if l == nil || l.probes.heard() {
		o.change.Wait()
		return
	}
	timer := time.AfterFunc(proofPatience, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.mute = o.link == l && !l.probes.heard()
		o.change.Broadcast()
	})
	o.change.Wait()
	timer.Stop()
}

// full says whether there is no room, after it has made what room there is.
func (o *outbox) full() bool {
	o.release()
	if o.mute && o.link != nil {
		o.forget(o.link.Written())
	}
	return len(o.queue) >= mostKept || o.size >= mostKeptBytes
}

// release lets go of what has arrived.
func (o *outbox) release() {
	n := 0
	for n < o.sent && o.queue[n].place <= o.confirmed {
		n++
	}
	o.drop(n)
}

// forget lets go of what was written, up to a message of the link: the server will never say that it has it.
func (o *outbox) forget(written uint64) {
	n := 0
	for n < o.sent && o.queue[n].place <= written {
		if k := o.queue[n]; k.message() {
			o.forgotten.join(k.line)
			o.last = k.place
		}
		n++
	}
	o.drop(n)
}

// drop removes the first n of the queue.
func (o *outbox) drop(n int) {
	for i := range n {
		o.size -= len(o.queue[i].data)
		o.queue[i].data = nil
	}
	o.queue, o.sent = o.queue[n:], o.sent-n
}

// sayNext says the first in the queue that was not said on the link.
func (o *outbox) sayNext() {
	k := &o.queue[o.sent]
	o.sent++
	if k.place = o.begun; k.message() {
		k.place++
	}
	o.hand(*k)
}

// hand hands something to the link, and asks for a proof when much has been handed to it. Where it cannot be written,
// nothing can any more.
func (o *outbox) hand(k kept) {
	if k.message() {
		o.begun++
	}
	l, err := o.link, error(nil)
	o.take(func() { err = o.write(l, k) })
	if err != nil {
		o.link = nil
		return
	}
	if o.pending = true; k.message() {
		o.handed(len(k.data))
	}
	if o.unproved >= probeMessages || o.weight >= probeBytes {
		o.probe(l)
	}
}

// write writes it. What is said once more is told once more.
func (o *outbox) write(l *link, k kept) error {
	if !k.message() {
		return l.WriteControl(k.opcode, k.data)
	}
	if k.before {
		o.session.tellSent(k.opcode, k.data, true, true)
	}
	return l.WriteMessage(k.opcode, k.data)
}

// handed notes that a message was handed to the link wholly, at last so many bytes of it.
func (o *outbox) handed(size int) {
	o.said = o.begun
	o.unproved, o.weight = o.unproved+1, o.weight+size
}

// take does what needs the turn, with the lock released.
func (o *outbox) take(do func()) {
	o.turn = true
	o.mu.Unlock()
	do()
	o.mu.Lock()
	o.turn = false
	o.change.Broadcast()
}

// probe asks the server to prove that it has read what was said.
func (o *outbox) probe(l *link) {
	o.unproved, o.weight = 0, 0
	data := l.probes.ask(o.said)
	o.take(func() {
		o.session.tellPing(func(op wire.Opcode, data []byte) { l.WriteControl(op, data) }, data)
	})
}

// push flushes, and asks for a proof of what was said since the last.
func (o *outbox) push(l *link) {
	if o.unproved > 0 {
		o.probe(l)
	}
	o.pending = false
	o.take(func() { l.Flush() })
}

// flush puts on the wire what was said, and asks for a proof, or will when the last probe is answered.
func (o *outbox) flush() error {
	o.mu.Lock()
	for o.turn && !o.over {
		o.change.Wait()
	}
	l, err := o.link, o.state()
	if l != nil && err == nil && o.unproved > 0 {
		if o.wanted = l.probes.waiting(); !o.wanted {
			o.probe(l)
		}
	}
	o.mu.Unlock()
	if l != nil {
		l.Flush()
	}
	return err
}

// standing is how many messages were said on the link: a probe that is posted now proves them.
func (o *outbox) standing() uint64 {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said
}

// confirm knows that so many messages have arrived on a link.
func (o *outbox) confirm(l *link, upto uint64) {
	if o == nil {
		return
	}
	o.mu.Lock()
	o.confirmed, o.mute = max(o.confirmed, upto), false
	if o.confirmed >= o.last {
		o.forgotten = nil
	}
	o.change.Broadcast()
	ask := o.wanted && o.unproved > 0
	var data []byte
	if ask {
		o.wanted, o.unproved, o.weight = false, 0, 0
		data = l.probes.ask(o.said)
	}
	o.mu.Unlock()
	if ask {
		o.session.tellPing(l.Post, data)
	}
}

// settle waits until all that was said is known to have arrived, as long as each bit of that comes within patience.
// While there is no connection it waits for one, if it has anything to say.
func (o *outbox) settle(patience time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	timer := time.AfterFunc(patience, o.wake)
	defer timer.Stop()
	end, confirmed := time.Now().Add(patience), o.confirmed
	for !o.over && !o.settled() {
		if o.turn {
			o.change.Wait()
			continue
		}
		if o.link != nil && o.pending {
			o.push(o.link)
			continue
		}
		now := time.Now()
		if o.link == nil || o.confirmed != confirmed {
			end, confirmed = now.Add(patience), o.confirmed
			timer.Reset(patience)
		} else if !now.Before(end) {
			return
		}
		o.change.Wait()
	}
}

// settled says whether nothing is to be said, or to be proved.
func (o *outbox) settled() bool {
	o.release()
	return len(o.queue) == 0 && (o.link == nil || o.confirmed == o.begun)
}

// wake lets who waits look again.
func (o *outbox) wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.change.Broadcast()
}

// lose takes a link out of use, after it was closed, and returns what is in doubt by that.
func (o *outbox) lose(l *link) doubts {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.turn {
		o.change.Wait()
	}
	o.release()
	doubted := o.sort(l.Written())
	o.sent, o.begun, o.said, o.confirmed, o.last, o.unproved, o.weight = 0, 0, 0, 0, 0, 0, 0
	o.link, o.parts, o.forgotten = nil, nil, nil
	o.wanted, o.pending, o.mute = false, false, false
	o.change.Broadcast()
	return doubted
}

// sort keeps in the queue what will be said on the next link, and returns what is in doubt. So many messages were
// written whole on this one.
func (o *outbox) sort(written uint64) doubts {
	doubted, rest := o.forgotten, o.queue[:0]
	for i, k := range o.queue {
		said := i < o.sent
		whole := said && k.place <= written
		switch {
		case k.message() && (said && k.parted || whole && !o.resend):
			doubted.add(k.line)
		case !whole || k.message():
			k.before = k.before || whole
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
func (o *outbox) replay(l *link) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.link = l
	for _, k := range o.greeting {
		if o.link != nil {
			k.before = true
			o.hand(k)
		}
	}
	for o.link != nil && o.sent < len(o.queue) {
		o.sayNext()
	}
	if o.link != nil {
		o.push(l)
	}
}

// end lets nothing be said any more.
func (o *outbox) end() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	o.change.Broadcast()
}

// abandoned is what was to be said again, and will not be: it is in doubt after all.
func (o *outbox) abandoned() doubts {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all doubts
	for _, k := range o.queue {
		if k.before {
			all.add(k.line)
		}
	}
	return all
}
