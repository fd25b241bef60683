package terminal

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"fits in the row\n", "fits in the row\n"},
		{"exactly twenty cells\n", "exactly twenty cells\n"},
		{"exactly twenty columns and more\n\nshort\n", "exactly twenty\n  columns and more\n\nshort\n"},
		{"no newline at the end of it", "no newline at the\n  end of it"},
		{"/ping  send a Ping and wait\n", "/ping  send a Ping\n       and wait\n"},
		{"    indented text of several rows", "    indented text of\n      several rows"},
		{"a " + strings.Repeat("x", 30) + " b", "a " + strings.Repeat("x", 30) + "\n  b"},
		{"a word of " + strings.Repeat("x", 18) + " b", "a word of\n  " + strings.Repeat("x", 18) + "\n  b"},
		{"\x1b[31merror:\x1b[0m this is \x1b[1mnot\x1b[0m there\n", "\x1b[31merror:\x1b[0m this is \x1b[1mnot\x1b[0m\n  there\n"},
		{"世界 世界 世界 世界 世界", "世界 世界 世界 世界\n  世界"},
		{"blanks at the end    ", "blanks at the end    "},
	} {
		if got := string(Wrap([]byte(test.text), 20)); got != test.want {
			t.Errorf("%q: want %q, got %q", test.text, test.want, got)
		}
	}
}

// FuzzWrap wraps any text: only blanks and newlines change.
func FuzzWrap(f *testing.F) {
	f.Add("some words\x1b[1m and more\n\n  table   entry\n", 12)
	f.Fuzz(func(t *testing.T, text string, width int) {
		strip := strings.NewReplacer(" ", "", "\n", "")
		if got := string(Wrap([]byte(text), width)); strip.Replace(got) != strip.Replace(text) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
