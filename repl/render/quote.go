package render

import (
	"encoding/binary"
	"unicode/utf8"
)

// appendQuoted appends text as a JSON string. All characters that can control a terminal are escaped, more than JSON requires,
// so that a recording can be displayed safely.
func appendQuoted[T string | []byte](dst []byte, text T) []byte {
	return append(appendEscaped(append(dst, '"'), text), '"')
}

// appendEscaped appends the content of a JSON string, without the quotes.
func appendEscaped[T string | []byte](dst []byte, text T) []byte {
	from := 0
	for i := 0; i < len(text); {
		if n := plainLength(text[i:]); n > 0 {
			i += n
			continue
		}
		if c := text[i]; c < utf8.RuneSelf {
			dst = append(dst, text[from:i]...)
			dst = appendASCIIEscape(dst, c)
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
		if isHidden(r) || r == utf8.RuneError && size == 1 {
			dst = append(dst, text[from:i]...)
			dst = appendUnicodeEscape(dst, r)
			from = i + size
		}
		i += size
	}
	return append(dst, text[from:]...)
}

// plainLength returns how many bytes at the beginning are ASCII that need no escape in JSON.
func plainLength[T string | []byte](text T) int {
	n := 0
	for ; n+8 <= len(text); n += 8 {
		const ones, high = 0x0101010101010101, 0x8080808080808080
		x := word(text[n : n+8])
		quote, slash, del := x^'"'*ones, x^'\\'*ones, x^0x7f*ones
		if (x|(x-0x20*ones)|(quote-ones)&^quote|(slash-ones)&^slash|(del-ones)&^del)&high != 0 {
			break
		}
	}
	for n < len(text) && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\' {
		n++
	}
	return n
}

// word returns eight bytes as a number.
func word[T string | []byte](b T) uint64 {
	return binary.LittleEndian.Uint64([]byte(b[:8]))
}

func appendASCIIEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return appendHex(append(dst, `\u`...), uint32(c), 4)
}

func appendUnicodeEscape(dst []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		dst = appendHex(append(dst, `\u`...), uint32(0xd800+r>>10), 4)
		r = 0xdc00 + r&0x3ff
	}
	return appendHex(append(dst, `\u`...), uint32(r), 4)
}
