package render

import "unicode"

const (
	joiner     = 0x200d // ZERO WIDTH JOINER: joins emoji into one
	emojiStyle = 0xfe0f // VARIATION SELECTOR-16: the coloured form of a sign
	keycap     = 0x20e3
)

// isHidden reports whether a character is invisible or affects a terminal or other characters: control and format characters
// (also bidi), line and paragraph separators, default ignorables. A test compares it with the tables of package unicode.
func isHidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r < 0x300:
		return r == 0xad
	case r < 0x2000:
		return isHiddenScript(r)
	case r <= 0x206f:
		return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060
	case r < 0xfe00:
		return r == 0x3164
	case r <= 0xffff:
		return r <= 0xfe0f || r == 0xfeff || r == 0xffa0 || r >= 0xfff0 && r <= 0xfffb || r >= 0xfffe
	}
	return isHiddenAbove(r)
}

func isHiddenScript(r rune) bool {
	switch {
	case r == 0x34f, r >= 0x600 && r <= 0x605, r == 0x61c, r == 0x6dd, r == 0x70f:
		return true
	case r == 0x890, r == 0x891, r == 0x8e2, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5:
		return true
	}
	return r >= 0x180b && r <= 0x180f
}

func isHiddenAbove(r rune) bool {
	switch {
	case r == 0x110bd, r == 0x110cd, r >= 0x13430 && r <= 0x1343f, r >= 0x1bca0 && r <= 0x1bca3:
		return true
	case r >= 0x1d173 && r <= 0x1d17a, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return r&0xfffe == 0xfffe // the two noncharacters that end each plane
}

// isMark reports whether a character is combined with the one before it.
func isMark(r rune) bool {
	if r < 0x300 || r >= 0x3400 && r <= 0xa66e || r >= 0xac00 && r <= 0xfb1d {
		return false // most of Latin, Han and Hangul, found quickly
	}
	return unicode.In(r, unicode.Mn, unicode.Me)
}

// isPictograph reports whether an emoji sequence can begin with a character. The ranges are a little wider than
// Extended_Pictographic in Unicode's emoji-data.txt; all characters in them are visible.
func isPictograph(r rune) bool {
	switch {
	case r < 0x2000:
		return r == 0xa9 || r == 0xae
	case r < 0x2190:
		return r == 0x203c || r == 0x2049 || r == 0x2122 || r == 0x2139
	case r <= 0x2bff:
		return r <= 0x21ff || r >= 0x2300 && r <= 0x23ff || r == 0x24c2 || r >= 0x25a0 && r <= 0x27bf || r >= 0x2900
	case r < 0x1f000:
		return r == 0x3030 || r == 0x303d || r == 0x3297 || r == 0x3299
	}
	return r <= 0x1faff && !isSkinTone(r)
}

func isSkinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }
