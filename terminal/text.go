package terminal

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// foldBase is the first number after those of Unicode. A rune from here on stands for a folded paste, so that a fold is edited
// like one character.
const foldBase = utf8.MaxRune + 1

// isFold reports whether a rune stands for a folded paste.
func isFold(r rune) bool { return r >= foldBase }

// maxCluster is the largest number of runes in one grapheme cluster; a longer sequence of combining marks is split, so that it
// is not drawn over its neighbours.
const maxCluster = 32

// clusterEnd returns where the grapheme cluster that begins at i ends.
func clusterEnd(text []rune, i int) int {
	if i+1 >= len(text) || isFold(text[i]) || simple(text[i]) && simple(text[i+1]) {
		return min(i+1, len(text))
	}
	j := i + 1
	for j < len(text) && j-i < maxCluster && !simple(text[j]) {
		j++
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(string(text[i:j]), -1)
	return i + utf8.RuneCountInString(cluster)
}

// clustersOf returns the grapheme clusters of a text.
func clustersOf(text []rune) iter.Seq[[]rune] {
	return func(yield func([]rune) bool) {
		for i := 0; i < len(text); {
			end := clusterEnd(text, i)
			if !yield(text[i:end]) {
				return
			}
			i = end
		}
	}
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
	return isFold(text[i]) || isFold(text[i-1]) || simple(text[i-1]) && simple(text[i])
}

// simple reports whether the rune never joins another simple one.
func simple(r rune) bool { return r < 0x300 || isFold(r) }

const ascii = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// shown returns a cluster as it is drawn, and how many columns it takes. Control characters are drawn as ^X, invisible and bidi
// characters as their number.
func shown(cluster []rune) (text string, width int) {
	r := cluster[0]
	if len(cluster) == 1 && r >= ' ' && r < 0x7f {
		return ascii[r-' ' : r-' '+1], 1
	}
	text = string(cluster)
	if width = uniseg.StringWidth(text); width > 0 && !hidden(r) {
		return text, min(width, 2)
	}
	text = ""
	for _, r := range cluster {
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
	return slices.ContainsFunc(cluster[1:], func(r rune) bool {
		return !unicode.In(r, unicode.Mn, unicode.Me) || r == 0xfe0f || r == 0xfe0e
	})
}

// sanitize returns s with control characters escaped, so that it stays on one row and does not move the cursor.
func sanitize(s string) string {
	var b strings.Builder
	for cluster := range clustersOf([]rune(s)) {
		part, _ := shown(cluster)
		b.WriteString(part)
	}
	return b.String()
}
