package server

import "bytes"

// startBroadcast sends each message unchanged to all other clients.
func startBroadcast(o Options) service {
	h := newHub(o)
	return service{last: h.lastEntry, serve: func(p *peer) error {
		m := h.newMember(p)
		h.add(m)
		return h.serve(m, func(received message) {
			h.publish(m, entry{opcode: received.opcode, payload: bytes.Clone(received.payload), from: m})
		})
	}}
}
