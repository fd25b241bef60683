package wire

import "unicode/utf8"

// TextCheck validates UTF-8 as it arrives, and fails at the first byte after which the text cannot be valid (RFC 6455, section
// 8.1). The zero value is ready for the first byte of a text.
type TextCheck struct {
	begun [utf8.UTFMax]byte // an incomplete character
	n     int               // its length in bytes
}

// Valid reports whether the text up to and including p is valid so far, or with last, whether it is valid as a whole. After a
// valid text the check is ready for the next one.
func (t *TextCheck) Valid(p []byte, last bool) bool {
	if t.n > 0 {
		var ok bool
		if p, ok = t.complete(p); !ok {
			return false
		}
		if t.n > 0 {
			return !last
		}
	}
	tail := Unfinished(p)
	if !utf8.Valid(p[:len(p)-tail]) {
		return false
	}
	t.n = copy(t.begun[:], p[len(p)-tail:])
	return !last || t.n == 0
}

// complete appends bytes of p to the incomplete character until it is complete, and returns the rest.
func (t *TextCheck) complete(p []byte) ([]byte, bool) {
	for len(p) > 0 {
		t.begun[t.n] = p[0]
		t.n, p = t.n+1, p[1:]
		if !utf8.FullRune(t.begun[:t.n]) {
			continue
		}
		_, size := utf8.DecodeRune(t.begun[:t.n])
		if size < t.n {
			return nil, false
		}
		t.n = 0
		break
	}
	return p, true
}

// Unfinished returns how many bytes at the end of p begin a character that more bytes can complete. utf8.FullRune counts a
// character that cannot become valid as full, so utf8.Valid finds those.
func Unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if c := p[len(p)-n]; c < utf8.RuneSelf {
			return 0
		} else if utf8.RuneStart(c) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
