package terminal

import "slices"

// kills is the ring of what was killed, newest last. Kills in a row are one.
type kills struct {
	ring [][]rune
	at   int // which one the last yank took, counted from the end
}

// maxKills is how many kills are kept.
const maxKills = 30

// add keeps killed text. forward: it stood behind the cursor. joined: the last command was a kill too.
func (k *kills) add(gone []rune, forward, joined bool) {
	if len(gone) == 0 {
		return
	}
	last := len(k.ring) - 1
	switch {
	case !joined || last < 0:
		k.ring = append(k.ring, gone)
		k.ring = k.ring[max(0, len(k.ring)-maxKills):]
	case forward:
		k.ring[last] = append(k.ring[last], gone...)
	default:
		k.ring[last] = append(gone, k.ring[last]...)
	}
}

// yank returns the newest kill.
func (k *kills) yank() []rune {
	if len(k.ring) == 0 {
		return nil
	}
	k.at = 0
	return slices.Clone(k.ring[len(k.ring)-1])
}

// older returns the kill before the one yanked last.
func (k *kills) older() []rune {
	k.at = (k.at + 1) % len(k.ring)
	return slices.Clone(k.ring[len(k.ring)-1-k.at])
}
