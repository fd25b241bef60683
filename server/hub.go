package server

import (
	"math"
	"sync"
	"time"

	"wsx/client/wire"
)

const (
	maxBacklog       = 512 << 10        // bytes that a member may be behind
	publisherBacklog = 256 << 10        // bytes that a member may be behind while it publishes
	batchSize        = 64 << 10         // bytes that are sent to a member before they are flushed
	kernelBuffer     = 64 << 10         // approximate size of a member's write buffer in the kernel, in bytes; a larger one delays the detection of a stall
	backlogGrace     = time.Second      // how long a message waits for members that are too far behind
	stallLimit       = 10 * time.Second // how long a write to a member that does not read may block
)

var (
	tooFarBehind = closeFrame{closePolicy, "client reads too slowly"}
	stalled      = closeFrame{closePolicy, "no data was read for too long"}
)

// hub sends the messages of its members to all of them, in the same order. A member that falls behind slows the others down for a
// moment; then it is removed.
type hub struct {
	backlog int64         // bytes that a member may be behind
	stall   time.Duration // how long a write to a member that does not read may block

	mu        sync.Mutex // guards the fields below
	published sync.Cond  // signals that last has changed or a member was removed
	space     sync.Cond  // signals that a member has caught up or was removed
	members   map[*member]struct{}
	names     map[string]bool // of the members of a chat
	last      *entry
	floor     int64 // the smallest end of the members' positions at the last scan
	waiting   int   // number of publishers that wait for space
}

// member is a client of a hub.
type member struct {
	*peer
	hub *hub

	// guarded by hub.mu
	position *entry // the last entry that was sent to it; nil = it was removed
	name     string // in a chat, where its end is announced; "" = it has none
}

func newHub(o Options) *hub {
	h := &hub{backlog: o.backlog, stall: o.stall, members: map[*member]struct{}{}, names: map[string]bool{}, last: &entry{}}
	h.published.L, h.space.L = &h.mu, &h.mu
	return h
}

// serve sends published messages to a member, and calls publish for each message it receives, until the connection ends.
func (h *hub) serve(m *member, publish func(message)) error {
	send := func(<-chan struct{}) {
		defer h.remove(m) // ends a publish that waits for it, and with that receive
		m.sendAll()
	}
	receive := func() error {
		defer h.remove(m) // ends send
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
		if batch = m.hub.nextBatch(m, batch[:0]); len(batch) == 0 {
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

// nextBatch waits for messages that were not sent to the member, and appends them to batch. It appends none once the member is
// removed.
func (h *hub) nextBatch(m *member, batch []message) []message {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(batch) == 0 {
		for m.position != nil && m.position.next == nil {
			h.published.Wait()
		}
		if m.position == nil {
			return nil
		}
		start := m.position.end
		for m.position.next != nil && m.position.end-start < batchSize {
			if m.position = m.position.next; m.position.from != m {
				batch = append(batch, message{opcode: m.position.opcode, payload: m.position.payload})
			}
		}
		if h.waiting > 0 {
			h.space.Broadcast()
		}
	}
	return batch
}

// newMember prepares a client to be a member, which must then be added.
func (h *hub) newMember(p *peer) *member {
	m := &member{peer: p, hub: h}
	p.stream.limitWriteBuffer(kernelBuffer)
	p.stream.onStall(h.stall, func() {
		if h.remove(m) {
			m.close(stalled)
		}
	})
	return m
}

// lastEntry returns the last entry that was published.
func (h *hub) lastEntry() *entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// add adds a member, which receives what has been published since an entry.
func (h *hub) add(m *member, last *entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addLocked(m, last)
}

// addLocked is add with mu locked.
func (h *hub) addLocked(m *member, last *entry) {
	m.position = last
	h.floor = min(h.floor, last.end)
	h.members[m] = struct{}{}
}

// remove removes a member, and reports whether it was one.
func (h *hub) remove(m *member) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.removeLocked(m)
}

// removeLocked is remove with mu locked.
func (h *hub) removeLocked(m *member) bool {
	if m.position == nil {
		return false
	}
	m.position = nil // releases the entries that the member was not sent
	delete(h.members, m)
	if m.name != "" {
		delete(h.names, m.name)
		h.announce(m.name + " left.")
	}
	h.published.Broadcast()
	h.space.Broadcast()
	return true
}

// publish sends a message of a member to all members, or to all others. It keeps the payload.
func (h *hub) publish(from *member, e entry) {
	for _, slow := range h.appendFrom(from, e) {
		slow.close(tooFarBehind)
	}
}

// appendFrom appends an entry of a member when there is space for it, and returns the members that were removed for that.
func (h *hub) appendFrom(from *member, e entry) (slow []*member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting++
	defer func() { h.waiting-- }()
	for from.position != nil && h.last.end-from.position.end > publisherBacklog {
		h.space.Wait() // do not receive from a client that does not read
	}
	slow = h.waitForSpace(cost(e.payload))
	if from.position != nil {
		h.append(e)
	}
	return slow
}

// append appends an entry. mu must be locked.
func (h *hub) append(e entry) {
	e.end = h.last.end + cost(e.payload)
	h.last.next = &e
	h.last = &e
	h.published.Broadcast()
}

func (h *hub) announce(text string) { h.append(entry{opcode: wire.Text, payload: []byte(text)}) }

// waitForSpace waits until size further bytes leave no member too far behind, for backlogGrace, then removes members that still are,
// and returns them. mu must be locked.
func (h *hub) waitForSpace(size int64) (slow []*member) {
	if !h.full(size) {
		return nil
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
			return h.removeBehind(size)
		}
		h.space.Wait()
	}
	return nil
}

// full reports whether size further bytes would leave a member too far behind.
func (h *hub) full(size int64) bool {
	if h.last.end+size-h.floor <= h.backlog {
		return false
	}
	h.floor = h.last.end
	for m := range h.members {
		h.floor = min(h.floor, m.position.end)
	}
	return h.behind(h.floor, size)
}

// behind reports whether a member at this position would be too far behind. A member without pending entries never is.
func (h *hub) behind(position, size int64) bool {
	return position < h.last.end && h.last.end+size-position > h.backlog
}

// removeBehind removes the members that size further bytes would leave too far behind, and returns them.
func (h *hub) removeBehind(size int64) (slow []*member) {
	for m := range h.members {
		if h.behind(m.position.end, size) {
			slow = append(slow, m)
		}
	}
	for _, m := range slow {
		h.removeLocked(m)
	}
	return slow
}

// entry is a published message. The entries of a hub are a linked list that all members share: each member has its own position
// in it, and entries that were sent to all members are garbage-collected. An entry refers to all later ones.
type entry struct {
	opcode  wire.Opcode
	payload []byte
	from    *member // the member that it is not sent to; nil = it is sent to all
	end     int64   // cost of all entries up to this one, in bytes
	next    *entry
}

// entryCost is the memory of an entry without its payload, in bytes, roughly.
const entryCost = 128

func cost(payload []byte) int64 { return int64(len(payload)) + entryCost }
