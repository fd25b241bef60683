package server

import (
	"math"
	"sync"
	"time"

	"wsx/client/wire"
)

const (
	maxBacklog   = 512 << 10        // bytes that a member may be behind
	ahead        = 256 << 10        // bytes that a member may be behind when it publishes
	batchSize    = 64 << 10         // bytes that a member is sent before they are flushed
	kernelBuffer = 64 << 10         // bytes of a member's kernel buffer, roughly; with more, a stall is noticed late
	backlogGrace = time.Second      // for a member that is too far behind to catch up while a message waits
	stallLimit   = 10 * time.Second // for a write to a member that does not read
)

var (
	tooFarBehind = closeFrame{closePolicy, "client reads too slowly"}
	stalled      = closeFrame{closePolicy, "no data was read for too long"}
)

// hub sends the messages of its members to all of them, in the same order. A member that falls behind slows the others down for a
// moment; then it is removed.
type hub struct {
	backlog int64         // bytes that a member may be behind
	stall   time.Duration // for a write to a member that does not read
	removed func(*member) // called with mu locked when a member was removed; nil = not

	mu      sync.Mutex // guards the fields below
	news    sync.Cond  // last has changed, or a member was removed
	space   sync.Cond  // a member has caught up, or was removed
	members map[*member]struct{}
	last    *entry
	floor   int64 // end of the oldest place of a member
	waiting int   // publishers that wait for space
}

// member is a client of a hub.
type member struct {
	*peer
	hub *hub

	// guarded by hub.mu
	place *entry // the last entry that it was sent; nil = it was removed
	name  string // in a chat
}

func newHub(o Options) *hub {
	h := &hub{backlog: o.backlog, stall: o.stall, members: map[*member]struct{}{}, last: &entry{}}
	h.news.L, h.space.L = &h.mu, &h.mu
	return h
}

// serve sends published messages to a member, and calls publish for each message it receives, until the connection ends.
func (h *hub) serve(m *member, publish func(message)) error {
	defer h.leave(m)
	send := func(<-chan struct{}) { m.sendAll() }
	receive := func() error {
		defer h.leave(m) // ends send
		return m.publishAll(publish)
	}
	return m.sendAndReceive(send, receive)
}

// publishAll receives until the connection ends.
func (m *member) publishAll(publish func(message)) error {
	for {
		received, err := m.receive(math.MaxInt)
		if err != nil {
			return err
		}
		publish(received)
	}
}

// sendAll sends until the member is removed or the connection has ended.
func (m *member) sendAll() {
	var batch []message // not entries: each would keep all later ones in memory, also after the member was removed
	for {
		if batch = m.hub.take(m, batch[:0]); len(batch) == 0 {
			return
		}
		for _, e := range batch {
			if m.send(e.opcode, e.payload) != nil {
				return
			}
		}
		if m.conn.Flush() != nil {
			return
		}
		clear(batch)
	}
}

// take waits for messages that the member was not sent, and appends them to batch. It appends none once the member is removed.
func (h *hub) take(m *member, batch []message) []message {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(batch) == 0 {
		for m.place != nil && m.place.next == nil {
			h.news.Wait()
		}
		if m.place == nil {
			return nil
		}
		start := m.place.end
		for m.place.next != nil && m.place.end-start < batchSize {
			if m.place = m.place.next; m.place.from != m {
				batch = append(batch, message{opcode: m.place.opcode, payload: m.place.payload})
			}
		}
		if h.waiting > 0 {
			h.space.Broadcast()
		}
	}
	return batch
}

// add adds a client as a member, which is sent what is published from now on. mu must be locked.
func (h *hub) add(p *peer) *member {
	m := &member{peer: p, hub: h, place: h.last}
	h.members[m] = struct{}{}
	p.stream.limitKernel(kernelBuffer)
	p.stream.onStall(h.stall, func() { h.evict(m, stalled) })
	return m
}

// leave removes a member whose connection ends.
func (h *hub) leave(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(m)
}

// evict removes a member at once, and closes its connection, which may take a while.
func (h *hub) evict(m *member, f closeFrame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.remove(m) {
		m.close(f)
	}
}

// remove removes a member, and reports whether it was one. mu must be locked.
func (h *hub) remove(m *member) bool {
	if m.place == nil {
		return false
	}
	m.place = nil // releases the entries that the member was not sent
	delete(h.members, m)
	if h.removed != nil {
		h.removed(m)
	}
	h.news.Broadcast()
	h.space.Broadcast()
	return true
}

// publish sends a message of a member to all members, or to all others. It keeps the payload.
func (h *hub) publish(from *member, e entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting++
	defer func() { h.waiting-- }()
	for from.place != nil && h.last.end-from.place.end > ahead {
		h.space.Wait() // do not receive from a client that does not read
	}
	h.waitForSpace(cost(e.payload))
	if from.place != nil {
		h.append(e)
	}
}

// append appends an entry. mu must be locked.
func (h *hub) append(e entry) {
	e.end = h.last.end + cost(e.payload)
	h.last.next = &e
	h.last = &e
	h.news.Broadcast()
}

func (h *hub) announce(text string) { h.append(entry{opcode: wire.Text, payload: []byte(text)}) }

// waitForSpace waits until size further bytes leave no member too far behind, for backlogGrace, then removes members that still are.
// mu must be locked.
func (h *hub) waitForSpace(size int64) {
	if !h.full(size) {
		return
	}
	expired := false
	grace := time.AfterFunc(backlogGrace, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		expired = true
		h.space.Broadcast()
	})
	defer grace.Stop()
	for h.full(size) {
		if expired {
			h.evictBehind(size)
			return
		}
		h.space.Wait()
	}
}

// full reports whether size further bytes would leave a member too far behind.
func (h *hub) full(size int64) bool {
	if h.last.end+size-h.floor <= h.backlog {
		return false
	}
	h.floor = h.last.end
	for m := range h.members {
		h.floor = min(h.floor, m.place.end)
	}
	return h.behind(h.floor, size)
}

// behind reports whether a member at this place would be too far behind. A member without pending entries never is.
func (h *hub) behind(place, size int64) bool {
	return place < h.last.end && h.last.end+size-place > h.backlog
}

func (h *hub) evictBehind(size int64) {
	var slow []*member
	for m := range h.members {
		if h.behind(m.place.end, size) {
			slow = append(slow, m)
		}
	}
	for _, m := range slow {
		h.remove(m)
		m.close(tooFarBehind)
	}
}
