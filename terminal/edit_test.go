package terminal

import (
	"fmt"
	"strings"
	"testing"
)

// typeInto types bytes, and returns the line with | at the cursor; a fold is shown as its label.
func typeInto(e *editor, keys ...string) string {
	for _, k := range keys {
		for _, k := range typed(k) {
			switch e.key(k) {
			case submit:
				e.submit()
			case interrupt:
				e.reset()
			}
		}
	}
	return shownLine(e)
}

func shownLine(e *editor) string {
	text := func(runes []rune) string {
		var b strings.Builder
		for _, r := range runes {
			if r >= foldBase {
				b.WriteString(e.folds.label(r))
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	return text(e.text[:e.pos]) + "|" + text(e.text[e.pos:])
}

// TestEditing types keys and compares the line: | is the cursor.
func TestEditing(t *testing.T) {
	const (
		left, right, up, down = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
		ctrlLeft, ctrlRight   = "\x1b[1;5D", "\x1b[1;5C"
		altLeft, altRight     = "\x1b[1;3D", "\x1b[1;3C"
		family                = "👨‍👩‍👧‍👦"
	)
	tests := []struct{ name, keys, want string }{
		{"typing", "hello", "hello|"},
		{"Left and Right", "abc" + left + left + right + "x", "abx|c"},
		{"SS3 arrows", "abc\x1bOD\x1bODx", "ax|bc"},
		{"C-b C-f", "abc\x02\x02\x06x", "abx|c"},
		{"beyond the ends", left + "a" + right + right + "b" + "\x01\x02c", "c|ab"},
		{"C-a C-e", "abc\x01x\x05y", "xabcy|"},
		{"Home and End, xterm", "abc\x1b[Hx\x1b[Fy", "xabcy|"},
		{"Home and End, application", "abc\x1bOHx\x1bOFy", "xabcy|"},
		{"Home and End, VT220", "abc\x1b[1~x\x1b[4~y", "xabcy|"},
		{"Home and End, rxvt", "abc\x1b[7~x\x1b[8~y", "xabcy|"},
		{"Delete", "abc\x01\x1b[3~", "|bc"},
		{"C-d deletes", "abc\x01\x04", "|bc"},
		{"Backspace, C-h", "abcd\x7f\b", "ab|"},
		{"Ctrl-arrows, xterm", "one two three" + ctrlLeft + ctrlLeft + "x" + ctrlRight, "one xtwo| three"},
		{"Ctrl-arrows, rxvt", "one two\x1bOd\x1bOdx\x1bOc", "xone| two"},
		{"Ctrl-arrows, PuTTY", "one two\x1bO5D\x1bO5Dx", "x|one two"},
		{"Alt-arrows", "one two" + altLeft + "x" + altRight, "one xtwo|"},
		{"Alt-arrows, ESC before", "one two\x1b\x1b[Dx", "one x|two"},
		{"M-b M-f", "one two\x1bb\x1bbx\x1bf", "xone| two"},
		{"C-k", "one two\x1bb\x0b", "one |"},
		{"C-u", "one two\x1bb\x15", "|two"},
		{"C-w takes up to white space", "one two-three\x17", "one |"},
		{"M-Backspace takes a word", "one two-three\x1b\x7f", "one two-|"},
		{"Ctrl-Backspace", "one two\x1b[127;5u", "one |"},
		{"M-d", "one two\x01\x1bd", "| two"},
		{"Ctrl-Delete", "one two\x01\x1b[3;5~", "| two"},
		{"C-y", "one two\x17\x01\x19", "two|one "},
		{"kills in a row are one", "one two three\x17\x17\x01\x19", "two three|one "},
		{"kills forward in a row are one", "one two\x01\x1bd\x1bd\x19!", "one two!|"},
		{"M-y", "one two\x17\x01\x0b\x19\x1by", "two|"},
		{"M-y round the ring", "one two\x17\x01\x0b\x19\x1by\x1by", "one |"},
		{"M-y without a yank", "one\x17\x19x\x1by", "onex|"},
		{"undo C-_", "one two\x17\x1f", "one two|"},
		{"undo of typing goes by words", "one two\x1f", "one |"},
		{"undo twice", "one\x17two\x1f\x1f", "one|"},
		{"undo C-x C-u", "one\x17\x18\x15", "one|"},
		{"redo", "one\x17\x1f\x1b_", "|"},
		{"undo of nothing", "\x1f\x1f", "|"},
		{"C-t", "abc\x14", "acb|"},
		{"C-t in the middle", "abc\x02\x14", "acb|"},
		{"C-t at home", "abc\x01\x14", "|abc"},
		{"M-t", "one two\x1bt", "two one|"},
		{"M-u M-l M-c", "one TWO three\x01\x1bu\x1bl\x1bc", "ONE two Three|"},
		{"M-\\", "one   two\x01\x1bf\x06\x1b\\", "one|two"},
		{"C-q takes a control", "a\x11\x01b", "a\x01b|"},
		{"C-v takes a tab", "a\x16\tb", "a\tb|"},
		{"Alt-Enter is a newline", "one\x1b\rtwo", "one\ntwo|"},
		{"rows: Up Down Home End", "one\x1b\rtwo" + up + "\x01x\x05y" + down + "z", "xoney\ntwoz|"},
		{"rows: C-k joins", "one\x1b\rtwo" + up + "\x05\x0b", "one|two"},
		{"NUL does nothing", "ab\x00c", "abc|"},
		{"Insert, F1, C-g, lone ESC", "a\x1b[2~\x1bOP\x07b", "ab|"},
		{"unknown C-x chord", "a\x18qb", "ab|"},
		{"Shift-arrows move", "abc\x1b[1;2Dx", "abx|c"},
		{"C-x Backspace", "abc\x18\x7f", "|"},
		{"combining mark joins", "xe\u0301\x7f", "x|"},
		{"combining mark in the middle", "ab" + left + "\u0301", "a\u0301|b"},
		{"joined emoji are one", "x" + family + "\x7f", "x|"},
		{"joined emoji: Left", "x" + family + left + "y", "xy|" + family},
		{"flags are pairs", "🇩🇪🇫🇷" + left + "x", "🇩🇪x|🇫🇷"},
		{"skin tone, heart, keycap", "👍🏽❤️1️⃣" + left + left + "x", "👍🏽x|❤️1️⃣"},
		{"Hangul jamo", "각\x7f", "|"},
		{"C-t with emoji", family + "a\x14", "a" + family + "|"},
		{"focus, mouse, replies", "a\x1b[I\x1b[<0;3;4M\x1b[?62;22c\x1b]11;rgb:0/0/0\x1b\\\x1bP>|x\x1b\\b", "ab|"},
		{"a short paste is text", "a\x1b[200~b c\x1b[201~d", "ab cd|"},
		{"a newline at the end of a paste is no part of it", "\x1b[200~abc\n\x1b[201~", "abc|"},
		{"a paste of lines is folded", "a \x1b[200~{\r\n  1\r\n}\x1b[201~!", "a [pasted 3 lines, 7 bytes]!|"},
		{"a long paste is folded", "\x1b[200~" + strings.Repeat("x", 1001) + "\x1b[201~", "[pasted 1 line, 1001 bytes]|"},
		{"Backspace takes a fold whole", "a\x1b[200~1\r2\x1b[201~\x7f", "a|"},
		{"Left goes over a fold", "\x1b[200~1\r2\x1b[201~" + left + "a", "a|[pasted 2 lines, 3 bytes]"},
		{"C-o opens a fold", "a\x1b[200~1\r2\x1b[201~b\x0f", "a1\n2|b"},
		{"C-o opens one at a time", "\x1b[200~1\r2\x1b[201~ \x1b[200~3\r4\x1b[201~\x0f", "[pasted 2 lines, 3 bytes] 3\n4|"},
		{"undo of opening", "\x1b[200~1\r2\x1b[201~\x0f\x1f", "[pasted 2 lines, 3 bytes]|"},
		{"killed and yanked folds", "\x1b[200~1\r2\x1b[201~\x15\r\x19", "[pasted 2 lines, 3 bytes]|"},
		{"M-u leaves a fold", "\x1b[200~1\r2\x1b[201~\x01\x1bu", "[pasted 2 lines, 3 bytes]|"},
		{"an empty paste", "a\x1b[200~\x1b[201~b", "ab|"},
	}
	for _, test := range tests {
		if got := typeInto(newEditor(Config{}), test.keys); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
}

func TestViMode(t *testing.T) {
	const esc = "\x1b"
	tests := []struct{ name, keys, want string }{
		{"insert", "abc", "abc|"},
		{"Escape steps back", "abc" + esc, "ab|c"},
		{"h l", "abc" + esc + "hhli", "a|bc"},
		{"0 $ ^", "  abc" + esc + "0ix" + esc + "$ay" + esc + "^iz", "z|x  abcy"},
		{"w b e", "one two-x three" + esc + "0wwix", "one twox|-x three"},
		{"W B E", "one two-x three" + esc + "0WWix" + esc + "BBix", "x|one two-x xthree"},
		{"e a", "one two" + esc + "0eax", "onex| two"},
		{"counts", "one two three" + esc + "02wix", "one two x|three"},
		{"x X", "abcd" + esc + "0xlX", "|cd"},
		{"3x", "abcdef" + esc + "03x", "|def"},
		{"dw", "one two" + esc + "0dw", "|two"},
		{"d2w", "one two three" + esc + "0d2w", "|three"},
		{"2dd is dd", "one" + esc + "2dd", "|"},
		{"de", "one two" + esc + "0de", "| two"},
		{"d$", "one two" + esc + "0ld$", "|o"},
		{"D C", "one two" + esc + "0wDaX", "one X|"},
		{"cw goes to the end of the word", "one two" + esc + "0cwsix", "six| two"},
		{"cc", "one" + esc + "cctwo", "two|"},
		{"f t ; ,", "a.b.c" + esc + "0f.ix" + esc + "l;iy", "ax.by|.c"},
		{"df", "a.b.c" + esc + "0df.", "|b.c"},
		{"dt beside its goal", "a.b" + esc + "0dt.", "|.b"},
		{"dt", "abc.d" + esc + "0dt.", "|.d"},
		{"df without a goal", "abc" + esc + "0dfz", "|abc"},
		{"T", "a.b.c" + esc + "T.ix", "a.b.x|c"},
		{"r", "abc" + esc + "0rx", "|xbc"},
		{"3r", "abcd" + esc + "03rx", "xx|xd"},
		{"s S", "abc" + esc + "0sx" + esc + "Sy", "y|"},
		{"y p P", "ab" + esc + "0ylp$P", "aa|ab"},
		{"u", "abc" + esc + "xu", "ab|c"},
		{"~", "abc" + esc + "02~", "AB|c"},
		{"dot repeats a delete", "abcdef" + esc + "0x..", "|def"},
		{"dot repeats a change", "one two" + esc + "0cwx" + esc + "w.", "x |x"},
		{"dot repeats an insert", "b" + esc + "ia" + esc + ".", "|aab"},
		{"Alt and a letter is Escape and it", "abc" + esc + "0x", "|bc"},
		{"history", "one\rtwo" + esc + "kk", "on|e"},
		{"A I", "b" + esc + "Ac" + esc + "Ia", "a|bc"},
		{"Escape in normal mode", "abc" + esc + "d" + esc + "x", "a|b"},
		{"Ctrl keys in normal mode", "abc" + esc + "\x01i", "|abc"},
	}
	for _, test := range tests {
		e := newEditor(Config{})
		e.vi = &vi{}
		// Escape and what follows it are separate reads, as when a person types.
		var keys []string
		for i, part := range strings.Split(test.keys, esc) {
			if i > 0 {
				keys = append(keys, esc)
			}
			keys = append(keys, part)
		}
		if got := typeInto(e, keys...); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
}

func TestHistoryKeys(t *testing.T) {
	const up, down, pageUp, pageDown = "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~"
	tests := []struct{ name, keys, want string }{
		{"Up", up, "/ping two|"},
		{"Up Up Down", up + up + down, "/ping two|"},
		{"beyond both ends", strings.Repeat(up, 9) + down, "say one\nand two|"},
		{"what was typed comes back", "half" + up + up + down + down, "half|"},
		{"what was changed on the way stays", up + "!" + up + down, "/ping two!|"},
		{"a line of rows is gone through by rows", up + up + up + up + up + "x", "say onex|\nand two"},
		{"PageUp looks for the beginning", "/p" + pageUp + pageUp, "/p|ing one"},
		{"PageDown goes back", "/p" + pageUp + pageUp + pageDown + "x", "/px|ing two"},
		{"M-< M->", "x\x1b<\x1b>", "x|"},
		{"M-.", "\x1b.", "two|"},
		{"M-. again", "a \x1b.\x1b.\x1b.", "a Hello|"},
		{"M-. then typing", "\x1b.x\x1b.", "twoxtwo|"},
		{"C-r", "\x12one", "/ping |one"},
		{"C-r again", "\x12one\x12", "say |one\nand two"},
		{"C-r C-r C-s", "\x12one\x12\x13", "/ping |one"},
		{"C-r finds capitals", "\x12hello", "|Hello"},
		{"C-r keeps to capitals that are typed", "\x12HEllo", "|Hello"},
		{"C-r Backspace", "\x12pingx\x7f", "/|ping two"},
		{"C-r and another key", "\x12hel\x01x", "x|Hello"},
		{"C-r Escape", "\x12hel\x1b", "|Hello"},
		{"C-r C-g", "half\x12hel\x07", "half|"},
		{"C-r C-c", "half\x12hel\x03", "half|"},
		{"undo of a search", "half\x12hel\x05\x1f", "half|"},
		{"down after a search", "half\x12hel\x05" + down, "/ping one|"},
	}
	for _, test := range tests {
		e := newEditor(Config{})
		typeInto(e, "say one\x1b\rand two\r", "Hello\r", "/ping one\r", "/ping two\r", "/ping two\r", "\r")
		if got := typeInto(e, test.keys); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
}

// TestSuggestion types a line that the history knows how to complete.
func TestSuggestion(t *testing.T) {
	const right, end, ctrlRight, up = "\x1b[C", "\x1b[F", "\x1b[1;5C", "\x1b[A"
	tests := []struct{ name, keys, suggested, want string }{
		{"none for an empty line", "", "", "|"},
		{"the newest entry", "/p", "ing two words", "/p|"},
		{"an older one", "/ping o", "ne", "/ping o|"},
		{"none", "/ping x", "", "/ping x|"},
		{"none for the whole line", "Hello", "", "Hello|"},
		{"none in the middle", "/p\x02", "", "/|p"},
		{"Right", "/p" + right, "", "/ping two words|"},
		{"Right without one", "x" + right, "", "x|"},
		{"C-f", "/p\x06", "", "/ping two words|"},
		{"End", "/p" + end, "", "/ping two words|"},
		{"C-e", "/p\x05", "", "/ping two words|"},
		{"M-f takes a word", "/p\x1bf", " two words", "/ping|"},
		{"M-f again", "/p\x1bf\x1bf", " words", "/ping two|"},
		{"Ctrl-Right", "/ping o" + ctrlRight, "", "/ping one|"},
		{"several rows", "say" + right, "", "say one\nand two|"},
		{"undo", "/p" + right + "\x1f", "ing two words", "/p|"},
		{"not while walking", "/p" + up, "", "/ping two words|"},
		{"not while walking, to the beginning of another entry", "/ping\r/ping \x15" + up, "", "/ping|"},
		{"not behind a fold", "\x1b[200~1\r2\x1b[201~", "", "[pasted 2 lines, 3 bytes]|"},
	}
	for _, test := range tests {
		e := newEditor(Config{Colors: Colors{Suggestion: "90"}})
		typeInto(e, "say one\x1b\rand two\r", "Hello\r", "/ping one\r", "/ping two words\r")
		got := typeInto(e, test.keys)
		if suggested := e.suggested(); got != test.want || suggested != test.suggested {
			t.Errorf("%s: %q: want %q and %q, got %q and %q", test.name, test.keys, test.want, test.suggested, got, suggested)
		}
	}
}

// TestSuggestionOfANewEntry types a line before and after the history has an entry that completes it.
func TestSuggestionOfANewEntry(t *testing.T) {
	e := newEditor(Config{Colors: Colors{Suggestion: "90"}})
	typeInto(e, "/p")
	if got := e.suggested(); got != "" {
		t.Errorf("at first %q", got)
	}
	typeInto(e, "\x15/ping\r/p")
	if got := e.suggested(); got != "ing" {
		t.Errorf("then %q", got)
	}
}

// TestHistoryByPrefix walks through the entries that begin with what was typed; each is shown once.
func TestHistoryByPrefix(t *testing.T) {
	const up, down = "\x1b[A", "\x1b[B"
	tests := []struct{ name, keys, want string }{
		{"Up", "/p" + up, "/pong|"},
		{"Up Up", "/p" + up + up, "/ping one|"},
		{"each once", "/p" + up + up + up, "/ping two|"},
		{"no older one", "/p" + strings.Repeat(up, 9), "/ping two|"},
		{"Down goes back", "/p" + up + up + down, "/pong|"},
		{"Down to what was typed", "/p" + up + up + down + down, "/p|"},
		{"an entry that is typed already", "/pong" + up, "/pong|"},
		{"no entry", "xyz" + up, "xyz|"},
		{"another prefix after a search", "H" + up + "\x12two\x05" + down + down, "/ping one|"},
		{"another prefix afterwards", "/p" + up + down + "\x15H" + up, "Hello|"},
		{"all entries, each once", strings.Repeat(up, 4), "/ping two|"},
		{"all entries after a prefix", "/p" + up + down + "\x15" + strings.Repeat(up, 3), "Hello|"},
		{"C-r shows each once", "\x12ping\x12", "/|ping two"},
	}
	for _, test := range tests {
		e := newEditor(Config{})
		typeInto(e, "/ping one\r", "/ping two\r", "Hello\r", "/ping one\r", "/pong\r")
		if got := typeInto(e, test.keys); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
}

// TestIncompleteLines continues a line with Enter until it is complete, or Enter is pressed twice.
func TestIncompleteLines(t *testing.T) {
	hasOpenBracket := func(line string) bool { return strings.Count(line, "{") > strings.Count(line, "}") }
	reformat := func(line string) (string, bool) {
		return strings.ReplaceAll(line, "{", "{\n  "), strings.Contains(line, "{")
	}
	tests := []struct{ name, keys, want string }{
		{"complete", "{}\r", "|"},
		{"incomplete", "{1\r", "{1\n|"},
		{"completed", "{1\r}\rx", "x|"},
		{"a second Enter submits", "{1\r\rx", "x|"},
		{"and what it submits has no newline at its end", "{1\r\r\x1b[A", "{1|"},
		{"Enter, a key, Enter", "{1\r2\r", "{1\n2\n|"},
		{"Enter in the middle", "{12\x1b[D\r", "{1\n|2"},
		{"and again", "{12\x1b[D\r\r\x1b[A", "{12|"},
		{"Alt-Enter always does", "a\x1b\rb", "a\nb|"},
		{"undo", "{1\r\x1f", "{1|"},
		{"reformat", "{1}\x18\x10", "{\n  1}|"},
		{"reformat what cannot be", "1\x18\x10", "1|"},
		{"undo of reformat", "{1}\x18\x10\x1f", "{1}|"},
		{"a mistake", "oops\r", "oops|"},
		{"a second Enter submits it", "oops\r\rx", "x|"},
		{"as it is", "oops\r\r\x1b[A", "oops|"},
		{"it is corrected", "oops\r\x7f\rx", "x|"},
		{"or still there", "oops\rs\r", "oopss|"},
	}
	mistake := func(line string) string {
		if strings.HasPrefix(line, "oops") {
			return "oops"
		}
		return ""
	}
	for _, test := range tests {
		if got := typeInto(newEditor(Config{Incomplete: hasOpenBracket, Mistake: mistake, Reformat: reformat}), test.keys); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
	if got := typeInto(newEditor(Config{}), "a", "\n", "b"); got != "a\nb|" {
		t.Errorf("Ctrl-J: %q", got)
	}
}

func TestCompletion(t *testing.T) {
	words := func(line string, pos int) (string, []Candidate) {
		head := line[:strings.LastIndexByte(line[:pos], ' ')+1]
		var all []Candidate
		for _, w := range []string{"/ping", "/pong", "/quit", "dir/", "dir/one", "dir/two", "世界", "世人"} {
			if strings.HasPrefix(w, line[len(head):pos]) {
				all = append(all, Candidate{Text: w, Open: strings.HasSuffix(w, "/")})
			}
		}
		return head, all
	}
	tests := []struct{ name, keys, want string }{
		{"one candidate", "/q\t", "/quit |"},
		{"none", "xyz\t", "xyz|"},
		{"as far as it is clear", "/\t", "/|"},
		{"as far as it is clear, in runes", "世\t", "世|"},
		{"in the middle", "a /q b\x02\x02\t", "a /quit |b"},
		{"Tab again takes the first", "/p\t\t", "/ping |"},
		{"and the next", "/p\t\t\t", "/pong |"},
		{"round", "/p\t\t\t\t", "/ping |"},
		{"Shift-Tab", "/p\t\x1b[Z", "/pong |"},
		{"Escape", "/p\t\t\x1b", "/p|"},
		{"C-g", "/p\t\t\x07", "/p|"},
		{"Enter keeps", "/p\t\t\rx", "/ping x|"},
		{"typing goes on", "/p\t\tx", "/ping x|"},
		{"Backspace goes on", "/p\t\t\x7f", "/ping|"},
		{"undo", "/q\t\x1f", "/q|"},
		{"a directory", "d\t\t", "dir/|"},
		{"behind a fold", "\x1b[200~1\r2\x1b[201~ /q\t", "[pasted 2 lines, 3 bytes] /quit |"},
		{"a fold is not completed", "\x1b[200~1\r2\x1b[201~\t", "[pasted 2 lines, 3 bytes]|"},
	}
	for _, test := range tests {
		if got := typeInto(newEditor(Config{Complete: words}), test.keys); got != test.want {
			t.Errorf("%s: %q: want %q, got %q", test.name, test.keys, test.want, got)
		}
	}
}

// TestEveryKeyIsBound parses each chord of the tables: none hides another.
func TestEveryKeyIsBound(t *testing.T) {
	if n := len(emacs()); n < 60 {
		t.Errorf("%d chords are bound", n)
	}
	for c := range emacs() {
		if c.second == (key{}) {
			t.Errorf("%+v is no chord", c)
		}
	}
	if got := fmt.Sprint(parseKey("C-M-Left")); got != fmt.Sprint(key{code: keyLeft, mod: ctrl | alt}) {
		t.Errorf("C-M-Left is %s", got)
	}
}

func TestUndoIsBounded(t *testing.T) {
	e := newEditor(Config{})
	for range 600 {
		typeInto(e, "word \x17")
	}
	if n := len(e.undo.past); n > maxUndo || n < maxUndo/2 {
		t.Errorf("%d changes are kept", n)
	}
	typeInto(e, strings.Repeat("x", 100_000))
	for range 100 {
		typeInto(e, "\x14")
	}
	runes := 0
	for _, l := range e.undo.past {
		runes += len(l.text)
	}
	if runes > maxUndoRunes {
		t.Errorf("%d runes are kept", runes)
	}
}
