package server

import (
	"strconv"
	"strings"
	"unicode"

	"wsx/client/wire"
)

// maxName is the maximum length of a name, in runes.
const maxName = 32

// startChat sends the messages of each member to all, and announces which members join and leave.
func startChat(o Options) func() func(*peer) error {
	h := newHub(o)
	return always(func(p *peer) error {
		m := h.newMember(p)
		h.join(m)
		if err := m.send(wire.Text, []byte("Welcome "+m.name+".")); err != nil {
			h.remove(m)
			return err
		}
		return h.serve(m, func(received message) {
			text := m.name + " says: " + string(received.payload)
			h.publish(m, entry{opcode: wire.Text, payload: []byte(text)})
		})
	})
}

// join adds a member with a unique name. The first message that it receives announces that it has joined.
func (h *hub) join(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addLocked(m, h.last)
	m.name = h.freeName(m.peer.name)
	h.names[m.name] = true
	h.announce(m.name + " joined.")
}

// freeName returns the requested name, with a number if it is missing or in use. mu must be locked.
func (h *hub) freeName(name string) string {
	base, n := cleanName(name), 2
	if base == "" {
		base, n = "guest", 1
	} else if !h.names[base] {
		return base
	}
	for h.names[base+strconv.Itoa(n)] {
		n++
	}
	return base + strconv.Itoa(n)
}

// cleanName returns a name that can be shown anywhere: printable, on one line, not too long.
func cleanName(name string) string {
	printable := strings.Map(func(c rune) rune {
		if c == unicode.ReplacementChar || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, name)
	runes := []rune(strings.TrimSpace(printable))
	return strings.TrimSpace(string(runes[:min(len(runes), maxName)]))
}
