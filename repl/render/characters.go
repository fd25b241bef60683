package render

import "unicode/utf8"

// characters cuts text that comes in pieces where no character is cut.
type characters struct {
	cut  []byte // the beginning of a character whose end comes with the next piece
	text []byte
}

// whole returns the text up to the last whole character; of the last piece, all.
func (c *characters) whole(piece []byte, last bool) []byte {
	if len(c.cut) > 0 {
		c.text = append(append(c.text[:0], c.cut...), piece...)
		c.cut, piece = c.cut[:0], c.text
	}
	if last {
		return piece
	}
	n := incomplete(piece)
	c.cut = append(c.cut, piece[len(piece)-n:]...)
	return piece[:len(piece)-n]
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
