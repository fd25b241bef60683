package server

import "bytes"

// startBroadcast sends each message unchanged to all other clients.
func startBroadcast(o Options) func() func(*peer) error {
	h := newHub(o)
	return func() func(*peer) error {
		last := h.lastEntry()
		return func(p *peer) error {
			m := h.newMember(p)
			h.add(m, last)
			last = nil // releases the entries
			return h.serve(m, func(received message) {
				h.publish(m, entry{opcode: received.opcode, payload: bytes.Clone(received.payload), from: m})
			})
		}
	}
}
