package terminal

import (
	"fmt"
	"strings"
	"testing"
)

const (
	left  = "\x1b[D"
	right = "\x1b[C"
	home  = "\x01"
)

// screenCase is a state that is hard to draw: a line is typed while messages are printed.
type screenCase struct {
	name          string
	width, height int
	typed         string
	messages      string
}

func screenCases() []screenCase {
	fill := func(n int) string { return strings.Repeat("0123456789", n/10+1)[:n] }
	message := "< hello\n"
	return []screenCase{
		{"a short half line", 40, 12, "hello", message},
		{"no line", 40, 12, "", message},
		{"one less than the row", 40, 12, fill(37), message},
		{"as wide as the row", 40, 12, fill(38), message},
		{"one more than the row", 40, 12, fill(39), message},
		{"three rows", 40, 12, fill(110), message},
		{"three rows exactly", 40, 12, fill(118), message},
		{"cursor in the middle", 40, 12, fill(100) + strings.Repeat(left, 50), message},
		{"cursor at the edge", 40, 12, fill(100) + home + strings.Repeat(right, 38), message},
		{"cursor at home", 40, 12, fill(100) + home, message},
		{"cursor before the last of a full row", 40, 12, fill(38) + left, message},
		{"the bottom of the screen", 40, 12, fill(90), strings.Repeat(message, 20)},
		{"the bottom, cursor at home", 40, 12, fill(90) + home, strings.Repeat(message, 20)},
		{"CJK on an even edge", 40, 12, strings.Repeat("世界", 15), message},
		{"CJK on an odd edge", 41, 12, strings.Repeat("世界", 15), message},
		{"CJK, cursor in the middle", 41, 12, strings.Repeat("世界", 15) + strings.Repeat(left, 11), message},
		{"emoji", 40, 12, strings.Repeat("👍🎉", 12) + left, message},
		{"combining marks", 40, 12, strings.Repeat("e\u0301a\u0308", 24) + left + left, message},
		{"joined emoji", 40, 12, "family 👨‍👩‍👧‍👦 flag 🇩🇪 heart ❤️ tone 👍🏽" + left + left, message},
		{"a message of 200 columns", 40, 12, "half", "< " + fill(200) + "\n"},
		{"a message as wide as the row", 40, 12, "half", fill(40) + "\n" + fill(80) + "\n"},
		{"a message of several lines", 40, 12, fill(60), "< {\n    \"a\": 1,\n\n    \"b\": 2\n  }\n"},
		{"a coloured message", 40, 12, fill(60), "\x1b[32m<\x1b[0m \x1b[1;34m{}\x1b[0m\n"},
		{"20 columns, 12 rows", 20, 12, fill(70), "< " + fill(50) + "\n"},
		{"20 columns, 6 rows", 20, 6, fill(70) + strings.Repeat(left, 30), message},
		{"20 columns, 4 rows", 20, 4, fill(70) + strings.Repeat(left, 30), message},
		{"two rows", 20, 2, fill(70), message},
		{"one row", 20, 1, fill(70), message},
		{"taller than the screen", 20, 8, fill(400) + strings.Repeat(left, 170), message},
		{"taller than the screen, cursor at home", 20, 8, fill(400) + home, message},
		{"taller than the screen, cursor at the end", 20, 8, fill(398), message},
		{"60 messages at once", 40, 12, fill(50), strings.Repeat(message, 60)},
		{"a message without a newline", 40, 12, fill(50), "< part"},
		{"tabs in a message", 40, 12, fill(50), "< a\tb\t\tc\n"},
		{"controls in the line", 40, 12, "a\x16\x1bb\x16\x01\x16\tc", message},
		{"bidi and zero width in the line", 40, 12, "\x1b[200~a\u202eb\u200b\u0301\x1b[201~", message},
		{"a line of several rows", 40, 12, "one\x1b\rtwo" + fill(60) + "\x1b\r\x1b\rfour" + left, message},
		{"a newline behind a full row", 40, 12, fill(38) + "\x1b\rmore" + strings.Repeat(left, 5), message},
		{"words", 40, 12, strings.Repeat("some words ", 9), message},
		{"words, cursor before one that did not fit", 20, 12, "one two three four five" + strings.Repeat(left, 4), message},
		{"words as wide as the row", 20, 12, "123456789012345678 12345678901234567890 1234567890123456789 1", message},
		{"words and blanks at the edge", 20, 12, "123456789012345678  1 1234567890123456    ab", message},
		{"words in several rows", 20, 12, "one two three four five\x1b\rsix seven eight nine ten" + strings.Repeat(left, 12), message},
		{"wide words", 21, 12, strings.Repeat("世界 世界人 ", 7) + left + left, message},
		{"words taller than the screen", 20, 6, strings.Repeat("some more words ", 20) + strings.Repeat(left, 90), message},
		{"a suggestion", 40, 12, "hello there\rhel", message},
		{"a suggestion of several rows", 40, 12, "one\x1b\rtwo\ro", message},
		{"a suggestion longer than the row", 20, 12, "say " + fill(60) + "\rsay", message},
		{"a suggestion behind a full row", 20, 12, fill(60) + "\r" + fill(18), message},
		{"a suggestion behind a row that a long prompt fills", 20, 12, fill(60) + "\r" + fill(14), message},
		{"a folded paste", 40, 12, "say \x1b[200~{\r\"a\": 1\r}\x1b[201~ now", message},
		{"a folded paste at the edge", 40, 12, fill(20) + "\x1b[200~{\r\"a\": 1\r}\x1b[201~" + left, message},
	}
}

// TestScreens draws every case with every prompt.
func TestScreens(t *testing.T) {
	prompts := map[string]Config{
		"plain":    {Prompt: "> "},
		"coloured": {Prompt: "(you) ", Colors: Colors{Prompt: "1;32", Fold: "36", Suggestion: "90"}, Paint: paintDigits},
		"nothing":  {},
		"wide":     {Prompt: "世界> "},
		"below":    {Prompt: "> ", Colors: Colors{Hint: "2"}, Hint: func(s string) string { return "wants: " + strings.Repeat("x", len(s)) }},
	}
	for prompt, config := range prompts {
		for _, test := range screenCases() {
			t.Run(prompt+"/"+test.name, func(t *testing.T) {
				s := newSimulation(t, test.width, test.height, config)
				s.print("before\n")
				s.press(test.typed)
				s.frame()
				s.print(test.messages)
				s.frame()
				s.print("after\n")
				s.press(left)
				s.frame()
				s.press("\r")
				s.frame()
			})
		}
	}
}

// TestOpenMenus prints messages while a search or a menu is open below the line.
func TestOpenMenus(t *testing.T) {
	many := func(line string, pos int) (string, []Candidate) {
		var all []Candidate
		for i := range 30 {
			all = append(all, Candidate{Text: fmt.Sprintf("/command%d", i)})
		}
		return "", all
	}
	withNotes := func(line string, pos int) (string, []Candidate) {
		return "", []Candidate{{Text: "1000", Note: "normal closure"}, {Text: "1001", Note: "going away " + strings.Repeat("far ", 20)}, {Text: "1\x1b[2J\u202e", Note: "\x1b]0;x\x07"}}
	}
	for _, test := range []struct {
		name, keys, want string
		complete         Completer
	}{
		{"search", "\x12hel", "search: hel", nil},
		{"search without a match", "\x12xyz", "no match: xyz", nil},
		{"search for what could harm", "\x12\x1b[200~\x1b[2J\x1b[201~", "no match: ^[[2J", nil},
		{"search forward", "\x12hel\x12\x13", "search forward: hel", nil},
		{"menu", "/\t", "/command0", many},
		{"menu, one taken", "/\t\t\t", "/command1", many},
		{"menu, the last taken", "/\t\x1b[Z", "/command29", many},
		{"menu with notes", "1\t", "1001", withNotes},
		{"menu with what could harm", "1\t\x1b[Z", "1^[[2J\\u202e  ^[]0;x^G", withNotes},
	} {
		for _, size := range [][2]int{{40, 12}, {20, 6}, {20, 3}, {12, 2}} {
			t.Run(fmt.Sprintf("%s/%dx%d", test.name, size[0], size[1]), func(t *testing.T) {
				s := newSimulation(t, size[0], size[1], Config{Prompt: "> ", Complete: test.complete, Colors: Colors{Selected: "7", Note: "2"}})
				s.press("hello there\r" + "a line with hello in it that is longer than the row\r")
				s.frame()
				s.press(test.keys)
				s.frame()
				if size[1] == 12 && !strings.Contains(strings.Join(s.vt.screenRows(), "\n"), test.want) {
					t.Errorf("the screen is %q", s.vt.screenRows())
				}
				s.print("< a message\n< " + strings.Repeat("=", 50) + "\n")
				s.frame()
				s.resize(size[0]+7, size[1])
				s.frame()
				s.resize(size[0]-5, size[1])
				s.frame()
				s.print("< another message\n")
				s.frame()
				s.press("\x07")
				s.frame()
			})
		}
	}
}

// TestSearchIsHighlighted checks the style of what was found.
func TestSearchIsHighlighted(t *testing.T) {
	s := newSimulation(t, 40, 10, Config{Prompt: "> ", Colors: Colors{Match: "1;33"}})
	s.press("say hello\r\x12hel")
	s.frame()
	var marked string
	for _, c := range s.vt.rows[1].cells {
		if c.style == "1;33" {
			marked += c.text
		}
	}
	if marked != "hel" {
		t.Errorf("highlighted is %q in %q", marked, s.vt.screenRows())
	}
}

// TestAmbiguousWidths draws joined emoji on a terminal that draws their parts one after the other: messages stay whole, and the cursor
// is where the terminal puts what is typed next.
func TestAmbiguousWidths(t *testing.T) {
	s := newSimulation(t, 60, 12, Config{Prompt: "> "})
	s.vt.naive = true
	s.console.prints.push([]byte("< before\n"))
	s.press("a👨‍👩‍👧b❤️c👍🏽d" + left)
	s.frameUnchecked()
	x := s.vt.x
	s.console.prints.push([]byte("< after\n"))
	s.frameUnchecked()
	s.press("X")
	s.frameUnchecked()
	rows := s.vt.screenRows()
	if rows[0] != "< before" || rows[1] != "< after" {
		t.Errorf("the screen is %q", rows)
	}
	if row := s.vt.rows[2]; x >= len(row.cells) || row.cells[x].text != "X" {
		t.Errorf("the cursor was at column %d of %q", x, rows[2])
	}
}

// TestTerminalWithoutReflow changes the width of a terminal that does not wrap anew: rows may be left behind, messages are not lost.
func TestTerminalWithoutReflow(t *testing.T) {
	for _, widths := range [][2]int{{40, 20}, {20, 40}} {
		s := newSimulation(t, widths[0], 12, Config{Prompt: "> ", Env: func(name string) string { return map[string]string{"XTERM_VERSION": "XTerm(379)"}[name] }})
		s.vt.noReflow = true
		s.console.prints.push([]byte("< one\n< two\n"))
		s.press(strings.Repeat("half ", 12))
		s.frameUnchecked()
		s.vt.lenient = true
		s.vt.resize(widths[1], 12)
		s.console.screen.resize(widths[1], 12)
		s.console.prints.push([]byte("< three\n"))
		s.frameUnchecked()
		all := strings.Join(s.vt.text(), "\n")
		for _, message := range []string{"< one\n", "< two\n", "< three\n"} {
			if !strings.Contains(all, message) {
				t.Errorf("%d to %d columns: %q is lost in\n%s", widths[0], widths[1], message, all)
			}
		}
	}
}

// TestClearScreen presses Ctrl-L: the line is at the top, and what was above can be scrolled back to.
func TestClearScreen(t *testing.T) {
	s := newSimulation(t, 30, 6, Config{Prompt: "> "})
	for range 3 {
		s.print("< one\n< two\n")
		s.press("half\x0c")
		s.frame()
		if rows := s.vt.screenRows(); !strings.HasPrefix(rows[0], "> ha") {
			t.Fatalf("the screen is %q", rows)
		}
		s.press(left + left)
		s.frame()
	}
}

// TestStyles: an invalid style is ignored.
func TestStyles(t *testing.T) {
	s := newSimulation(t, 30, 6, Config{Prompt: "> ", Colors: Colors{Prompt: "31m\x1b[2J", Hint: "?25l"}, Hint: func(string) string { return "hint\x1b[2J" }})
	s.press("x")
	s.frame()
	if rows := s.vt.screenRows(); rows[1] != "hint^[[2J" {
		t.Errorf("the screen is %q", rows)
	}
}

// paintDigits colours every digit.
func paintDigits(line string, _ int) (spans []Span) {
	for i, r := range line {
		if r >= '0' && r <= '9' {
			spans = append(spans, Span{i, i + 1, "33"})
		}
	}
	return spans
}
