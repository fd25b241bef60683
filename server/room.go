package server

import (
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// longestName is how much of a name is used, runes.
const longestName = 32

// room is who is in the chat, and what is said there.
type room struct {
	behind int64 // how much a guest may leave unheard before being closed, bytes

	mu     sync.Mutex // guards what follows
	guests map[string]*guest
	last   *entry
	looked int64 // last.end when it was last looked who is too far behind
}

func newRoom(behind int64) *room {
	return &room{behind: behind, guests: map[string]*guest{}, last: newBacklog()}
}

// join lets a client in under a name of its own; the first it hears is that it has joined.
func (r *room) join(c *session) *guest {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &guest{
		session: c, room: r, name: r.freeName(c.query("name")), heard: r.last,
		caught: make(chan struct{}, 1), mute: make(chan struct{}),
	}
	g.place.Store(r.last.end)
	r.guests[g.name] = g
	r.announce(g.name + " joined.")
	return g
}

// leave is for a guest who is gone, once.
func (r *room) leave(g *guest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(g)
}

// evict takes a guest out of the room at once, and lets the goodbye take the time it needs.
func (r *room) evict(g *guest, f farewell) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.remove(g) {
		g.server.dismiss(g.session, f)
	}
}

func (r *room) remove(g *guest) bool {
	if r.guests[g.name] != g {
		return false
	}
	delete(r.guests, g.name)
	r.announce(g.name + " left.")
	return true
}

// say tells everyone what a guest says, and closes who cannot follow. Who was evicted says nothing any more.
func (r *room) say(g *guest, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.guests[g.name] != g {
		return
	}
	r.announce(text)
	if r.last.end-r.looked < lookAfter {
		return
	}
	r.looked = r.last.end
	for _, g := range r.guests {
		if r.last.end-g.place.Load() > r.behind {
			r.remove(g)
			g.server.dismiss(g.session, tooSlow)
		}
	}
}

func (r *room) announce(text string) { r.last = r.last.say(text) }

// end is how much was said.
func (r *room) end() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last.end
}

// freeName is the name asked for, with a number if it is missing or taken.
func (r *room) freeName(asked string) string {
	base, n := cleanName(asked), 2
	if base == "" {
		base, n = "guest", 1
	} else if r.guests[base] == nil {
		return base
	}
	for r.guests[base+strconv.Itoa(n)] != nil {
		n++
	}
	return base + strconv.Itoa(n)
}

// cleanName is a name that can be shown anywhere: printable, on one line, not too long.
func cleanName(asked string) string {
	printable := strings.Map(func(c rune) rune {
		if c == unicode.ReplacementChar || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, asked)
	name := []rune(strings.TrimSpace(printable))
	return strings.TrimSpace(string(name[:min(len(name), longestName)]))
}
