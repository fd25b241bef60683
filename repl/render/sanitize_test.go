package render

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	cases := []struct{ in, want string }{
		{"", ""},
		{"plain text\n\tindented", "plain text\n\tindented"},
		{"grüße 世界 \u00a0 no-break", "grüße 世界 \u00a0 no-break"},
		{"\x1b[2J\x07\x00\x7f\r", `\x1b[2J\x07\x00\x7f\r`},
		{"\u009b31m", `\u009b31m`},
		{"\x9b31m", `\x9b31m`},
		{"a\xff\xc3", `a\xff\xc3`},
		{"safe\u202egnp.exe", `safe\u202egnp.exe`},
		{"zero\u200bwidth\ufeff\u2060", `zero\u200bwidth\ufeff\u2060`},
		{"line\u2028sep\u2029", `line\u2028sep\u2029`},
		{"tag\U000e0041", `tag\U000e0041`},
		{"👩‍💻 ❤️ 🏳️‍🌈 👍🏽 1️⃣", "👩‍💻 ❤️ 🏳️‍🌈 👍🏽 1️⃣"},
		{"👩🏽‍💻", "👩🏽‍💻"},
		{"a\u200db", `a\u200db`},
		{"👩\u200da", `👩\u200da`},
		{"a\ufe0f", `a\ufe0f`},
		{"12345678\x7f2345678", `12345678\x7f2345678`},
		{"1234567\x1f", `1234567\x1f`},
		{"é e\u0301", "é e\u0301"},
		{"z" + strings.Repeat("\u0301", 10), "z" + strings.Repeat("\u0301", 8) + `\u0301\u0301`},
		{"🇩🇪", "🇩🇪"},
	}
	for _, c := range cases {
		if got := Sanitize(nil, []byte(c.in)); string(got) != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSanitizeLine(t *testing.T) {
	if got := SanitizeLine(nil, "a\n\tb\r\n"); string(got) != `a\n\tb\r\n` {
		t.Errorf("got %q", got)
	}
}

func TestHiddenCharactersAreEscaped(t *testing.T) {
	hidden := []*unicode.RangeTable{
		unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point,
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r <= 0xdfff || r >= 0xfdd0 && r <= 0xfdef {
			continue // surrogates are not UTF-8; these noncharacters do nothing
		}
		want := unicode.In(r, hidden...)
		if got := isHidden(r); got != want && (want || unicode.IsPrint(r)) {
			t.Errorf("U+%04X: hidden %v, want %v", r, got, want)
		}
		if got := isMark(r); got != unicode.In(r, unicode.Mn, unicode.Me) {
			t.Errorf("U+%04X: mark %v", r, got)
		}
	}
}

// FuzzSanitize checks that no control is left, that nothing visible is lost, and that text is cut nowhere.
func FuzzSanitize(f *testing.F) {
	f.Add([]byte("\x1b]0;title\x07\u202e\xff👩‍💻"))
	f.Add([]byte(strings.Repeat("\u0301", 20)))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := Sanitize([]byte("dst"), text)
		if !bytes.HasPrefix(got, []byte("dst")) || !utf8.Valid(got) {
			t.Fatalf("%q became %q", text, got)
		}
		for i, r := range string(got) {
			rest := got[i+utf8.RuneLen(r):]
			emoji := r == joiner && isPictograph(first(rest)) || r == emojiStyle
			if isHidden(r) && r != '\n' && r != '\t' && !emoji {
				t.Fatalf("%q: U+%04X is left in %q", text, r, got)
			}
		}
		for _, r := range string(SanitizeLine(nil, string(text))) {
			if r < 0x20 {
				t.Fatalf("%q: U+%04X is left on the line", text, r)
			}
		}
	})
}

func BenchmarkSanitize(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat(`{"id":1,"name":"some text of a message"} `, 100),
		"lines": strings.Repeat("a line of text as it is written\n", 128),
		"mixed": strings.Repeat("grüße aus 世界, ", 200),
	} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(text))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = Sanitize(dst[:0], []byte(text))
			}
		})
	}
}
