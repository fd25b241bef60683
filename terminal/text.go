package terminal

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// foldBase is the first number after those of Unicode. A rune from here on stands for a folded paste, so that a fold is edited
// like one character.
const foldBase = utf8.MaxRune + 1

// maxCluster is the largest number of runes in one grapheme cluster; a longer sequence of combining marks is split, so that it
// is not drawn over its neighbours.
const maxCluster = 32

// clusterEnd returns where the grapheme cluster that begins at i ends.
func clusterEnd(text []rune, i int) int {
	if i+1 >= len(text) || text[i] >= foldBase || simple(text[i]) && simple(text[i+1]) {
		return min(i+1, len(text))
	}
	j := i + 1
	for j < len(text) && j-i < maxCluster && !simple(text[j]) {
		j++
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(string(text[i:j]), -1)
	return i + utf8.RuneCountInString(cluster)
}

// clusterStart returns where the grapheme cluster that ends at i begins.
func clusterStart(text []rune, i int) int {
	start := max(0, i-1)
	for start > 0 && i-start < 4*maxCluster && !boundary(text, start) {
		start--
	}
	for {
		end := clusterEnd(text, start)
		if end >= i {
			return start
		}
		start = end
	}
}

// boundary reports whether a cluster certainly begins at i.
func boundary(text []rune, i int) bool {
	return text[i] >= foldBase || text[i-1] >= foldBase || simple(text[i-1]) && simple(text[i])
}

// simple reports whether the rune never joins another simple one.
func simple(r rune) bool { return r < 0x300 || r >= foldBase }

const ascii = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// shown returns a cluster as it is drawn, and how many columns it takes. Control characters are drawn as ^X, invisible and bidi
// characters as their number.
func shown(cluster []rune) (text string, width int) {
	r := cluster[0]
	if len(cluster) == 1 && r >= ' ' && r < 0x7f {
		return ascii[r-' ' : r-' '+1], 1
	}
	if hidden(r) {
		text = ""
		for _, r := range cluster {
			text += escapeRune(r)
		}
		return text, len(text)
	}
	text = string(cluster)
	if width = uniseg.StringWidth(text); width > 0 {
		return text, min(width, 2)
	}
	for i, r := range cluster {
		if i == 0 {
			text = ""
		}
		text += escapeRune(r)
	}
	return text, len(text)
}

// hidden reports whether a rune has no glyph of its own.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs)
}

// escapeRune returns the ASCII form of a rune that cannot be shown.
func escapeRune(r rune) string {
	switch {
	case r < ' ':
		return "^" + string(r+'@')
	case r == 0x7f:
		return "^?"
	case r > 0xffff:
		return fmt.Sprintf("\\U%08x", r)
	}
	return fmt.Sprintf("\\u%04x", r)
}

// ambiguous reports whether terminals disagree on the width of a cluster: joined emoji, variation selectors, flags, skin tones.
func ambiguous(cluster []rune) bool {
	for _, r := range cluster[1:] {
		if !unicode.In(r, unicode.Mn, unicode.Me) || r == 0xfe0f || r == 0xfe0e {
			return true
		}
	}
	return false
}

// sanitize returns s with control characters escaped, so that it stays on one row and does not move the cursor.
func sanitize(s string) string {
	var b []byte
	text := []rune(s)
	for i := 0; i < len(text); {
		end := clusterEnd(text, i)
		part, _ := shown(text[i:end])
		b = append(b, part...)
		i = end
	}
	return string(b)
}
