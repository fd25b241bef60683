package wire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTextEverySplit: a text in two or three parts, split anywhere, is valid if the whole text is.
func TestTextEverySplit(t *testing.T) {
	for _, s := range []string{
		"", "a", "κόσμε", "世界", "🙂🙂", "a🙂b", "\x00\x7f", "\u0080\u07ff\u0800\uffff\U00010000\U0010ffff",
		"\xff", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5", "\xce", "\xe4\xb8", "\xf0\x9f\x99", "κ\xce", "\x80", "a\x80", "\xf0\x9f\x99a", strings.Repeat("é", 100) + "\xc3",
	} {
		want := utf8.ValidString(s)
		for i := range len(s) + 1 {
			for j := i; j <= len(s); j++ {
				var c TextCheck
				ok := c.Valid([]byte(s[:i]), false) && c.Valid([]byte(s[i:j]), false) && c.Valid([]byte(s[j:]), true)
				if ok != want {
					t.Errorf("%q cut at %d and %d: %v, want %v", s, i, j, ok, want)
				}
			}
		}
	}
}

// TestTextFailsFast: an invalid text fails at the first byte that cannot be part of UTF-8.
func TestTextFailsFast(t *testing.T) {
	for s, at := range map[string]int{
		"\xff": 0, "ab\x80": 2, "\xc0": 0, "\xc2a": 1, "\xe0\x80": 1, "\xed\xa0": 1, "\xf0\x80": 1, "\xf4\x90": 1, "\xf5": 0,
		"\xe4\xb8\xc0": 2, "\xf0\x9f\x99\xc0": 3, "κόσμε\xf4\x90\x80\x80edited": len("κόσμε") + 1,
	} {
		var c TextCheck
		for i := range len(s) {
			if ok := c.Valid([]byte{s[i]}, false); ok != (i < at) {
				t.Errorf("%q at byte %d: %v, want it to fail at %d", s, i, ok, at)
			}
			if i == at {
				break
			}
		}
	}
}
