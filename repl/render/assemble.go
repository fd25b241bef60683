package render

import (
	"cmp"

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

// keptCapacity is how much of a buffer is kept for the next message, in bytes.
const keptCapacity = 1 << 20

// The room that is reserved for a long message, in bytes.
const (
	usualReserved = 64 << 20 // where the largest message is not known
	maxReserved   = 256 << 20
)

// reserved returns the room to reserve for a message; 0 = it grows step by step. A message that is longer than a quarter of the largest one
// gets room for that: memory is used only where it is written, so that this takes less than the smaller buffers that growing leaves behind.
func (a *assembler) reserved(kept []byte, more int) int64 {
	room := cmp.Or(a.max, usualReserved)
	if len(kept)+more <= cap(kept) || len(kept) <= keptCapacity || int64(len(kept)) <= room/4 || int64(len(kept)+more) > room || room > maxReserved {
		return 0
	}
	return room
}

// add adds a fragment. When the message is complete, add returns it as one event, with its full length, which is larger than
// the payload if that was truncated. The payload is valid until the next call. A message whose first fragment was not added is
// dropped.
func (a *assembler) add(e client.Event) (whole client.Event, length int64, ok bool) {
	if e.First && e.Last {
		return e, int64(len(e.Payload)), true
	}
	m := &a.directions[e.Dir&1]
	if !e.First && !m.within {
		return client.Event{}, 0, false
	}
	m.within = !e.Last
	if e.First {
		m.length = 0
		if m.kept = m.kept[:0]; cap(m.kept) > keptCapacity {
			m.kept = nil
		}
	}
	m.length += int64(len(e.Payload))
	room := len(e.Payload)
	if a.max > 0 {
		room = int(min(int64(room), max(0, a.max-int64(len(m.kept)))))
	}
	if reserved := a.reserved(m.kept, room); reserved > 0 {
		m.kept = append(make([]byte, 0, reserved), m.kept...)
	}
	m.kept = append(m.kept, e.Payload[:room]...)
	if !e.Last {
		return client.Event{}, 0, false
	}
	e.First, e.Payload = true, m.kept
	return e, m.length, true
}
