package terminal

import "slices"

// kills is the kill ring, newest last. Consecutive kills are one entry.
type kills struct {
	ring [][]rune
	at   int // the entry of the last yank, counted from the end
}

// maxKills is how many kills are kept.
const maxKills = 30

// add adds killed text. forward: it was after the cursor. joined: the last command was a kill too, and the text is added to its
// entry.
func (k *kills) add(text []rune, forward, joined bool) {
	if len(text) == 0 {
		return
	}
	last := len(k.ring) - 1
	switch {
	case !joined || last < 0:
		k.ring = append(k.ring, text)
		k.ring = k.ring[max(0, len(k.ring)-maxKills):]
	case forward:
		k.ring[last] = append(k.ring[last], text...)
	default:
		k.ring[last] = append(text, k.ring[last]...)
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
