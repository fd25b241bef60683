package render

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxMarks is how many combining marks one character can have. Natural text has fewer; more would be drawn over the lines above
// and below.
const maxMarks = 8

// Sanitize appends text to dst in a form that a terminal can show safely: control characters (C0 except \n and \t, DEL, C1),
// bytes that are not UTF-8, and characters that are invisible or change the direction of text become escapes like \x1b and
// \u202e.
func Sanitize(dst, text []byte) []byte { return sanitize(dst, text, true) }

// SanitizeLine is Sanitize for text that must stay on one line, like a header or a close reason: it also escapes \n and \t.
func SanitizeLine(dst []byte, text string) []byte { return sanitize(dst, []byte(text), false) }

// clean escapes text from the peer for a line.
func clean(text string) string {
	if more := len(text) - maxShownText; more > 0 {
		text = fmt.Sprintf("%s… (%d more bytes)", strings.ToValidUTF8(text[:maxShownText], ""), more)
	}
	return string(SanitizeLine(nil, text))
}

// maxShownText bounds a text of the other side in a note, in bytes: a client can request a path of any length.
const maxShownText = 2000

func sanitize(dst, text []byte, lines bool) []byte {
	s := sanitizer{lines: lines}
	for len(text) > 0 {
		if n := plain(text); n > 0 {
			dst = append(dst, text[:n]...)
			s.base, s.marks = rune(text[n-1]), 0
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		dst = s.append(dst, r, text[:size], text[size:])
		text = text[size:]
	}
	return dst
}

// plain returns how many bytes at the beginning are printable ASCII, eight at a time.
func plain(text []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(text); n += 8 {
		x := binary.LittleEndian.Uint64(text[n:])
		below := x - 0x20*ones          // the high bit is set if the byte is less than a space
		del := (x ^ 0x7f*ones) - ones   // the high bit is clear if the byte is DEL
		if (x|below|del&^x)&high != 0 { // or not ASCII; borrows only make it look closer
			break
		}
	}
	for n < len(text) && text[n] >= 0x20 && text[n] < 0x7f {
		n++
	}
	return n
}

// sanitizer holds the state that depends on the preceding characters.
type sanitizer struct {
	lines bool // \n and \t stay
	base  rune // the last character that is not a mark
	marks int  // combining marks on it
}

// append appends one character that is not printable ASCII; next is the text after it.
func (s *sanitizer) append(dst []byte, r rune, raw, next []byte) []byte {
	switch {
	case s.lines && (r == '\n' || r == '\t'):
		s.base, s.marks = r, 0
		return append(dst, raw...)
	case r == utf8.RuneError && len(raw) == 1:
		return appendHex(append(dst, `\x`...), uint32(raw[0]), 2)
	case r == joiner && isPictograph(s.base) && isPictograph(first(next)):
		return append(dst, raw...)
	case r == emojiStyle && s.allowsStyle(next):
		return append(dst, raw...)
	case isHidden(r):
		return appendEscape(dst, r)
	case isMark(r):
		if s.marks++; s.marks > maxMarks {
			return appendEscape(dst, r)
		}
		return append(dst, raw...)
	case isSkinTone(r) && isPictograph(s.base):
		return append(dst, raw...)
	}
	s.base, s.marks = r, 0
	return append(dst, raw...)
}

// allowsStyle reports whether an emoji variation selector may follow: after a pictograph, or in a keycap.
func (s *sanitizer) allowsStyle(next []byte) bool {
	isKey := s.base >= '0' && s.base <= '9' || s.base == '#' || s.base == '*'
	return isPictograph(s.base) || isKey && first(next) == keycap
}

func first(text []byte) rune {
	r, _ := utf8.DecodeRune(text)
	return r
}

// appendEscape appends the visible form of a character.
func appendEscape(dst []byte, r rune) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r < 0x80:
		return appendHex(append(dst, `\x`...), uint32(r), 2)
	case r <= 0xffff:
		return appendHex(append(dst, `\u`...), uint32(r), 4)
	}
	return appendHex(append(dst, `\U`...), uint32(r), 8)
}

const hexDigits = "0123456789abcdef"

func appendHex(dst []byte, value uint32, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[value>>shift&0xf])
	}
	return dst
}
