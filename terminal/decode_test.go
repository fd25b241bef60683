package terminal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// typed decodes reads in their order, and then a timeout.
func typed(reads ...string) (keys []key) {
	var d decoder
	for _, p := range reads {
		keys = append(keys, slices.Clone(d.feed([]byte(p)))...)
	}
	if d.waiting() {
		keys = append(keys, d.timeout()...)
	}
	return keys
}

func TestKeys(t *testing.T) {
	tests := []struct{ bytes, keys string }{
		{"a", "a"}, {"é世👍", "é 世 👍"}, {" ", "Space"},
		{"\r", "Enter"}, {"\r\n", "Enter"}, {"\t", "Tab"}, {"\x7f", "Backspace"}, {"\b", "C-h"},
		{"\x00", "C-Space"}, {"\x01", "C-a"}, {"\x1a", "C-z"}, {"\x1f", "C-_"}, {"\x1c", "C-\\"},
		{"\x1b", "Escape"}, {"\x1b\x1b", "Escape Escape"}, {"\x1bf", "M-f"}, {"\x1b\x7f", "M-Backspace"}, {"\x1b\r", "M-Enter"}, {"\x1b\x02", "C-M-b"},
		{"\x1b[", "M-["}, {"\x1bO", "M-O"}, {"\x1b]", "M-]"}, {"\x1bP", "M-P"},

		{"\x1b[A\x1b[B\x1b[C\x1b[D", "Up Down Right Left"}, {"\x1bOA\x1bOB\x1bOC\x1bOD", "Up Down Right Left"},
		{"\x1b[H\x1b[F", "Home End"}, {"\x1bOH\x1bOF", "Home End"}, {"\x1b[1~\x1b[4~", "Home End"}, {"\x1b[7~\x1b[8~", "Home End"},
		{"\x1b[2~\x1b[3~\x1b[5~\x1b[6~", "Insert Delete PageUp PageDown"},
		{"\x1b[1;5D\x1b[1;5C", "C-Left C-Right"}, {"\x1b[1;3D\x1b[1;3C", "M-Left M-Right"}, {"\x1b[1;2A", "S-Up"}, {"\x1b[1;9D", "M-Left"},
		{"\x1b[5D\x1bO5D", "Left C-Left"}, {"\x1bOd\x1bOc\x1b[d", "C-Left C-Right S-Left"}, {"\x1b\x1b[D", "M-Left"}, {"\x1b\x1bOC", "M-Right"},
		{"\x1b[3;5~\x1b[3;3~\x1b[3^\x1b[3$", "C-Delete M-Delete C-Delete S-Delete"}, {"\x1b[1;5H\x1b[1;5F", "C-Home C-End"},
		{"\x1b[Z", "S-Tab"}, {"\x1bOM", "Enter"}, {"\x1bOj\x1bOp\x1bOy", "* 0 9"},
		{"\x1b[97;5u", "C-a"}, {"\x1b[27;5;97~", "C-a"}, {"\x1b[13;2u", "S-Enter"}, {"\x1b[65;6u", "C-a"}, {"\x1b[27u", "Escape"}, {"\x1b[127;5u", "C-Backspace"},
		{"\x1bOP\x1b[11~\x1b[[A\x1b[24~\x1b[1;2P", ""},
		{"\x1b[200~{\r  \"a\": 1\r\n}\n\x1b[201~x", "<{\n  \"a\": 1\n}\n> x"}, {"\x1b[200~\x1b[201~", "<>"}, {"\x1b[200~\x1b[A\x03\x1b[201\x1b[201~", "<\x1b[A\x03\x1b[201>"},
		{"\xff", "\uFFFD"}, {"\xe4\xb8a", "\uFFFD a"}, {"\xe4\xb8", "\uFFFD"}, {"\xc2\x9b", ""}, {"\x80", "\uFFFD"},
	}
	for _, test := range tests {
		if got := names(typed(test.bytes)); got != test.keys {
			t.Errorf("%q: want %q, got %q", test.bytes, test.keys, got)
		}
		eachSplit(t, test.bytes, test.keys)
	}
}

// TestLineFeed: a line feed is Ctrl-J if it arrives alone, and Enter at the end of a line that a program writes.
func TestLineFeed(t *testing.T) {
	for _, test := range []struct {
		keys  string
		reads []string
	}{
		{"C-j", []string{"\n"}},
		{"a C-j", []string{"a", "\n"}},
		{"a Enter", []string{"a\n"}},
		{"Enter", []string{"\r", "\n"}},
		{"Enter C-j", []string{"\r\n", "\n"}},
		{"M-Enter", []string{"\x1b", "\n"}},
		{"<a\n>", []string{"\x1b[200~", "a", "\n", "\x1b[201~"}},
	} {
		if got := names(typed(test.reads...)); got != test.keys {
			t.Errorf("%q: want %q, got %q", test.reads, test.keys, got)
		}
	}
}

// replies are sequences that terminals send unasked, or in reply to a query.
var replies = []string{
	"\x1b[?62;22c", "\x1b[>41;330;0c", "\x1b[=1c", "\x1b[0n", "\x1b[24;80R", "\x1b[?24;80R", "\x1b[?2026;2$y", "\x1b[?1u", "\x1b[?0u",
	"\x1b[8;24;80t", "\x1b[4;600;800t", "\x1b[I", "\x1b[O", "\x1b[<0;13;7M", "\x1b[<35;13;7m", "\x1b[M !!", "\x1b[32;10;20M", "\x1b[201~",
	"\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]10;rgb:ffff/ffff/ffff\x07", "\x1b]0;title\x07", "\x1b]52;c;aGVsbG8=\x1b\\",
	"\x1bP>|tmux 3.3a\x1b\\", "\x1bP1+r544e=787465726d\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b^private\x1b\\", "\x1bXstring\x1b\\",
	"\x1b[1;2;3;4;5;6;7;8;9;10x", "\x1b[99~", "\x1b[ q", "\x1b[?1;2;4\x18", "\x1b[57441u", "\x1bOz", "\x1b[\x1b[I",
}

func TestRepliesAreIgnored(t *testing.T) {
	for _, reply := range replies {
		text := "a" + reply + "b"
		eachSplit(t, text, "a b")
	}
}

// eachSplit decodes a text in two reads, split at every byte, and one character at a time.
func eachSplit(t *testing.T, text, want string) {
	t.Helper()
	for i := range len(text) {
		if got := names(typed(text[:i], text[i:])); got != want {
			t.Errorf("%q cut before byte %d: want %q, got %q", text, i, want, got)
		}
	}
	if got := names(typed(strings.Split(text, "")...)); got != want && utf8.ValidString(text) {
		t.Errorf("%q a rune at a time: want %q, got %q", text, want, got)
	}
}

func TestUnterminatedStringEndsWithEnter(t *testing.T) {
	if got := names(typed("\x1b]0;never ends", " still", "\rnext")); got != "Enter n e x t" {
		t.Errorf("got %q", got)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range replies {
		f.Add([]byte(s), 1)
	}
	f.Add([]byte("\x1b[200~one\rtwo\x1b[201~"), 3)
	f.Fuzz(func(t *testing.T, p []byte, size int) {
		size = max(1, size%16)
		var d decoder
		for rest := p; len(rest) > 0; {
			n := min(size, len(rest))
			for _, k := range d.feed(rest[:n]) {
				check(t, k)
			}
			rest = rest[n:]
		}
		for range 2 {
			for _, k := range d.timeout() {
				check(t, k)
			}
		}
		if d.waiting() {
			t.Fatalf("%q: still waiting after its time", p)
		}
		if len(d.seq) > maxSeq {
			t.Fatalf("%q: %d bytes of parameters are kept", p, len(d.seq))
		}
		before := len(p)
		if text := printableOnly(p); text != "" && d.state == ground && before == len(text) {
			if got := plainText(typed(string(p))); got != text {
				t.Fatalf("typed %q, got %q", text, got)
			}
		}
	})
}

// check fails the test for a key that the editor cannot handle.
func check(t *testing.T, k key) {
	t.Helper()
	if k.code > unicode.MaxRune || k.code >= 0 && k.code < ' ' || k.code >= 0x7f && k.code < 0xa0 || !utf8.ValidString(k.text) {
		t.Fatalf("key %+v", k)
	}
}

// printableOnly returns p if it is valid UTF-8 without control characters, else "".
func printableOnly(p []byte) string {
	for _, r := range string(p) {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return ""
		}
	}
	return string(p)
}

func plainText(keys []key) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteRune(k.code)
	}
	return b.String()
}

// names returns keys as the tables write them, with a paste in angle brackets.
func names(keys []key) string {
	var all []string
	for _, k := range keys {
		all = append(all, name(k))
	}
	return strings.Join(all, " ")
}

func name(k key) string {
	code := map[rune]string{
		keyEnter: "Enter", keyTab: "Tab", keyBackspace: "Backspace", keyEscape: "Escape", keyUp: "Up", keyDown: "Down",
		keyRight: "Right", keyLeft: "Left", keyHome: "Home", keyEnd: "End", keyInsert: "Insert", keyDelete: "Delete",
		keyPageUp: "PageUp", keyPageDown: "PageDown", ' ': "Space",
	}[k.code]
	switch {
	case k.code == keyPaste:
		return "<" + k.text + ">"
	case code == "" && k.code < 0:
		code = fmt.Sprint(k.code)
	case code == "":
		code = string(k.code)
	}
	for _, m := range []struct {
		bit  modifier
		name string
	}{{shift, "S-"}, {alt, "M-"}, {ctrl, "C-"}} {
		if k.mod&m.bit != 0 {
			code = m.name + code
		}
	}
	return code
}
