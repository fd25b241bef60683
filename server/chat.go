package server

import (
	"strconv"
	"strings"
	"unicode"

	"wsx/client/wire"
)

// maxName is the maximum length of a name, in runes.
const maxName = 32

// chat is a hub whose members have names.
type chat struct {
	*hub
	names map[string]bool // in use; guarded by hub.mu
}

// startChat sends the messages of each member to all, and announces which members join and leave.
func startChat(o Options) func(*peer) error {
	c := &chat{newHub(o), map[string]bool{}}
	c.removed = func(m *member) {
		delete(c.names, m.name)
		c.announce(m.name + " left.")
	}
	return func(p *peer) error {
		m := c.join(p)
		if err := m.send(wire.Text, []byte("Welcome "+m.name+".")); err != nil {
			c.removeClosed(m)
			return err
		}
		return c.serve(m, func(received message) {
			text := m.name + " says: " + string(received.payload)
			c.publish(m, entry{opcode: wire.Text, payload: []byte(text)})
		})
	}
}

// join adds a client as a member with a unique name. The first message that it receives announces that it has joined.
func (c *chat) join(p *peer) *member {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.add(p)
	m.name = c.freeName(p.name)
	c.names[m.name] = true
	c.announce(m.name + " joined.")
	return m
}

// freeName returns the requested name, with a number if it is missing or in use.
func (c *chat) freeName(name string) string {
	base, n := cleanName(name), 2
	if base == "" {
		base, n = "guest", 1
	} else if !c.names[base] {
		return base
	}
	for c.names[base+strconv.Itoa(n)] {
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
