package render

import "unicode/utf8"

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
	n := incomplete(fragment)
	c.cut = append(c.cut, fragment[len(fragment)-n:]...)
	return fragment[:len(fragment)-n]
}

// incomplete returns how many bytes at the end begin a character that is not yet whole.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
