package render

import (
	"cmp"
	"slices"

	"wsx/client"
)

// assembler joins fragments into whole messages, separately for each direction, since a message may be sent between the
// fragments of a received one. A message of one fragment is passed on without a copy.
type assembler struct {
	max        int64 // bytes of a message that are kept; 0 = all. The session bounds received messages
	directions [2]struct {
		within bool // its first fragment has been added
		kept   []byte
		length int64
	}
}

// keptCapacity is how much of a buffer is kept for the next message, in bytes. A larger one is kept while messages are long.
const keptCapacity = 1 << 20

// The room that is reserved for a long message, in bytes.
const (
	usualReserved = 64 << 20 // where the largest message is not known
	maxReserved   = 256 << 20
)

// grown returns a buffer with room for more bytes. That of a long message has room for the largest one at once, which takes memory only
// where it is written; the smaller buffers that growing leaves behind would take more.
func (a *assembler) grown(kept []byte, more int) []byte {
	length, room := len(kept)+more, int(min(cmp.Or(a.max, usualReserved), maxReserved))
	switch {
	case length <= max(cap(kept), keptCapacity):
		return kept
	case length > room/8 && length <= room:
		return append(make([]byte, 0, room), kept...)
	}
	return slices.Grow(kept, max(more, cap(kept)))
}

// message adds a fragment that is to be shown, of a received message or, with sent, of any, and keeps max bytes of a message. It
// returns what add does; ok is false for every other event.
func (a *assembler) message(e client.Event, sent bool, max int64) (whole client.Event, length int64, ok bool) {
	if e.Kind != client.KindMessage || e.Dir == client.Out && !sent {
		return e, 0, false
	}
	a.max = max
	return a.add(e)
}

// add adds a fragment. When the message is complete, add returns it as one event, with its full length, which is larger than
// the payload if that was truncated. The payload is valid until the next call. A message whose first fragment was not added is
// dropped.
func (a *assembler) add(e client.Event) (whole client.Event, length int64, ok bool) {
	m := &a.directions[e.Dir&1]
	if e.First && cap(m.kept) > keptCapacity && len(m.kept) <= keptCapacity {
		m.kept = nil // the message before was short
	}
	if e.First && e.Last {
		m.kept = m.kept[:0]
		return e, int64(len(e.Payload)), true
	}
	if !e.First && !m.within {
		return client.Event{}, 0, false
	}
	m.within = !e.Last
	if e.First {
		m.length, m.kept = 0, m.kept[:0]
	}
	m.length += int64(len(e.Payload))
	room := len(e.Payload)
	if a.max > 0 {
		room = int(min(int64(room), max(0, a.max-int64(len(m.kept)))))
	}
	m.kept = append(a.grown(m.kept, room), e.Payload[:room]...)
	if !e.Last {
		return client.Event{}, 0, false
	}
	e.First, e.Payload = true, m.kept
	return e, m.length, true
}
