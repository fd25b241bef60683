package input

import "unicode/utf8"

// characters checks text that arrives in fragments, which may end inside a character.
type characters struct {
	begun [utf8.UTFMax]byte // a character that is not complete
	n     int
}

// valid reports whether the text is UTF-8 so far, and whole if this is the last fragment.
func (c *characters) valid(fragment []byte, last bool) bool {
	for c.n > 0 && len(fragment) > 0 {
		c.begun[c.n] = fragment[0]
		c.n++
		fragment = fragment[1:]
		if utf8.FullRune(c.begun[:c.n]) {
			if !utf8.Valid(c.begun[:c.n]) {
				return false
			}
			c.n = 0
		}
	}
	if cut := incomplete(fragment); cut > 0 {
		c.n = copy(c.begun[:], fragment[len(fragment)-cut:])
		fragment = fragment[:len(fragment)-cut]
	}
	return utf8.Valid(fragment) && !(last && c.n > 0)
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
