package codec

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// appendEscaped appends the content of a JSON string.
func appendEscaped(dst, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			escape := runeEscape(r, size)
			if escape != "" {
				dst = append(append(dst, text[start:i]...), escape...)
				start = i + size
			}
			i += size
			continue
		}
		dst = append(dst, text[start:i]...)
		if short := shortEscape(c); short != 0 {
			dst = append(dst, '\\', short)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(dst, text[start:]...)
}

// escapedLength returns how many bytes appendEscaped appends.
func escapedLength(text []byte) int {
	n := len(text)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(text[i:])
			if escape := runeEscape(r, size); escape != "" {
				n += len(escape) - size
			}
			i += size
			continue
		case c >= ' ' && c != '"' && c != '\\':
		case shortEscape(c) != 0:
			n++
		default:
			n += len(`\u0000`) - 1
		}
		i++
	}
	return n
}

// runeEscape returns the escape of a rune that JavaScript or JSON does not allow in strings, "" for others.
func runeEscape(r rune, size int) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return `\ufffd`
	case r == '\u2028':
		return `\u2028`
	case r == '\u2029':
		return `\u2029`
	}
	return ""
}

// shortEscape returns the byte after the backslash of a two-byte escape; 0 = the byte has no such escape.
func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}
