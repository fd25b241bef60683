package render

import "wsx/client/wire"

// characters cuts text that arrives in fragments so that no character is cut.
type characters struct {
	cut  []byte // the beginning of a character that ends in the next fragment
	text []byte
}

// whole returns the text up to the last whole character; of the last fragment, all.
func (c *characters) whole(fragment []byte, last bool) []byte {
	if len(c.cut) > 0 {
		c.text = append(append(c.text[:0], c.cut...), fragment...)
		c.cut, fragment = c.cut[:0], c.text
	}
	if last {
		return fragment
	}
	n := wire.Unfinished(fragment)
	c.cut = append(c.cut, fragment[len(fragment)-n:]...)
	return fragment[:len(fragment)-n]
}
