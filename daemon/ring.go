package daemon

import "sort"

// The bounds of what is kept of a session.
const (
	ringEntries = 10_000
	ringBytes   = 16 << 20
)

// entry is an event that is kept.
type entry struct {
	seq      uint64 // from 1
	line     []byte // as JSON, with a newline
	control  bool   // a ping, a pong, a frame or a heartbeat, which only processes that watch the session get
	received int64  // number of messages received so far, this one included
}

// position is a reading position in a session: the next event to read, and the number of messages received before it.
type position struct {
	next     uint64
	received int64
}

// ring keeps the latest events. It always has the last one, whatever its size.
type ring struct {
	entries []entry
	bytes   int
	last    position // after the last event
	dropped int64    // number of received messages that are no longer kept
}

func newRing() *ring { return &ring{last: position{next: 1}} }

// add adds an event, and drops the oldest ones above the bounds. isReceived is whether the event is a received message.
func (r *ring) add(e entry, isReceived bool) entry {
	e.seq = r.last.next
	r.last.next++
	if isReceived {
		r.last.received++
	}
	e.received = r.last.received
	r.entries = append(r.entries, e)
	r.bytes += len(e.line)
	dropped := 0
	for len(r.entries)-dropped > ringEntries || r.bytes > ringBytes && len(r.entries)-dropped > 1 {
		r.bytes -= len(r.entries[dropped].line)
		r.dropped = r.entries[dropped].received
		r.entries[dropped] = entry{}
		dropped++
	}
	r.entries = r.entries[dropped:]
	return e
}

// read returns at most limit events from a position on, the position after them, and the number of messages missing before
// them.
func (r *ring) read(from position, limit int) (list []entry, next position, gap int64) {
	if len(r.entries) == 0 {
		return nil, from, 0
	}
	if first := r.entries[0].seq; from.next < first {
		gap = max(0, r.dropped-from.received)
		from = position{first, max(from.received, r.dropped)}
	}
	begin := int(min(from.next-r.entries[0].seq, uint64(len(r.entries))))
	list = append(list, r.entries[begin:min(begin+limit, len(r.entries))]...)
	if len(list) == 0 {
		return nil, from, gap
	}
	end := list[len(list)-1]
	return list, position{end.seq + 1, end.received}, gap
}

// after returns the position after an event, which may have been dropped.
func (r *ring) after(seq uint64) position {
	i := sort.Search(len(r.entries), func(i int) bool { return r.entries[i].seq > seq })
	if i == 0 {
		return position{seq + 1, r.dropped}
	}
	return position{seq + 1, r.entries[i-1].received}
}
