package curl

import "strings"

// unescape returns the meaning of a letter in a list of pairs of a letter and its meaning.
func unescape(pairs string, letter byte) (string, bool) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == letter {
			return pairs[i+1 : i+2], true
		}
	}
	return "", false
}

// endsLine reports whether a text begins with a line break.
func endsLine(text string) bool {
	return strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r\n")
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
