package render

import "wsx/client"

// assembler makes whole messages of fragments, each direction for itself, as a large message may
// be sent between the fragments of one that is received. A message of one fragment is passed on as it is.
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

// add takes an event. It returns the message as one event, and its whole length, when it is complete.
// The event's payload is valid until the next call. A message whose first fragment was not added is dropped.
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
	m.kept = append(m.kept, e.Payload[:room]...)
	if !e.Last {
		return client.Event{}, 0, false
	}
	e.First, e.Payload = true, m.kept
	return e, m.length, true
}
