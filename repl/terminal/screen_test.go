package terminal

import (
	"strings"
	"testing"
)

const (
	left  = "\x1b[D"
	right = "\x1b[C"
	home  = "\x01"
)

// TestScreens plays the moments that are hard for a screen: a line is typed, messages come, and everything is where it belongs.
func TestScreens(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("0123456789", n/10+1)[:n] }
	type size struct{ width, height int }
	usual := size{40, 12}
	message := "< hello\n"
	tests := []struct {
		name     string
		size     size
		typed    string
		messages string
	}{
		{"a short half line", usual, "hello", message},
		{"no line", usual, "", message},
		{"one less than the row", usual, fill(37), message},
		{"as wide as the row", usual, fill(38), message},
		{"one more than the row", usual, fill(39), message},
		{"three rows", usual, fill(110), message},
		{"three rows exactly", usual, fill(118), message},
		{"cursor in the middle", usual, fill(100) + strings.Repeat(left, 50), message},
		{"cursor at the edge", usual, fill(100) + home + strings.Repeat(right, 38), message},
		{"cursor at home", usual, fill(100) + home, message},
		{"cursor before the last of a full row", usual, fill(38) + left, message},
		{"the bottom of the screen", usual, fill(90), strings.Repeat(message, 20)},
		{"the bottom, cursor at home", usual, fill(90) + home, strings.Repeat(message, 20)},
		{"CJK on an even edge", size{40, 12}, strings.Repeat("世界", 15), message},
		{"CJK on an odd edge", size{41, 12}, strings.Repeat("世界", 15), message},
		{"CJK, cursor in the middle", size{41, 12}, strings.Repeat("世界", 15) + strings.Repeat(left, 11), message},
		{"emoji", usual, strings.Repeat("👍🎉", 12) + left, message},
		{"combining marks", usual, strings.Repeat("e\u0301a\u0308", 24) + left + left, message},
		{"joined emoji", usual, "family 👨‍👩‍👧‍👦 flag 🇩🇪 heart ❤️ tone 👍🏽" + left + left, message},
		{"a message of 200 columns", usual, "half", "< " + fill(200) + "\n"},
		{"a message as wide as the row", usual, "half", fill(40) + "\n" + fill(80) + "\n"},
		{"a message of several lines", usual, fill(60), "< {\n    \"a\": 1,\n\n    \"b\": 2\n  }\n"},
		{"a coloured message", usual, fill(60), "\x1b[32m<\x1b[0m \x1b[1;34m{}\x1b[0m\n"},
		{"20 columns, 12 rows", size{20, 12}, fill(70), "< " + fill(50) + "\n"},
		{"20 columns, 6 rows", size{20, 6}, fill(70) + strings.Repeat(left, 30), message},
		{"20 columns, 4 rows", size{20, 4}, fill(70) + strings.Repeat(left, 30), message},
		{"two rows", size{20, 2}, fill(70), message},
		{"one row", size{20, 1}, fill(70), message},
		{"taller than the screen", size{20, 8}, fill(400) + strings.Repeat(left, 170), message},
		{"taller than the screen, cursor at home", size{20, 8}, fill(400) + home, message},
		{"taller than the screen, cursor at the end", size{20, 8}, fill(398), message},
		{"60 messages at once", usual, fill(50), strings.Repeat(message, 60)},
		{"a message without a newline", usual, fill(50), "< part"},
		{"tabs in a message", usual, fill(50), "< a\tb\t\tc\n"},
		{"controls in the line", usual, "a\x16\x1bb\x16\x01\x16\tc", message},
		{"bidi and zero width in the line", usual, "\x1b[200~a\u202eb\u200b\u0301\x1b[201~", message},
		{"a line of several rows", usual, "one\x1b\rtwo" + fill(60) + "\x1b\r\x1b\rfour" + left, message},
		{"a newline behind a full row", usual, fill(38) + "\x1b\rmore" + strings.Repeat(left, 5), message},
		{"a folded paste", usual, "say \x1b[200~{\r\"a\": 1\r}\x1b[201~ now", message},
		{"a folded paste at the edge", usual, fill(20) + "\x1b[200~{\r\"a\": 1\r}\x1b[201~" + left, message},
	}
	prompts := map[string]Config{
		"plain":    {Prompt: "> "},
		"coloured": {Prompt: "(you) ", Colors: Colors{Prompt: "1;32", Fold: "36"}, Paint: paintDigits},
		"nothing":  {},
		"wide":     {Prompt: "世界> ", More: "… "},
		"below":    {Prompt: "> ", Colors: Colors{Hint: "2"}, Hint: func(s string) string { return "wants: " + strings.Repeat("x", len(s)) }},
	}
	for prompt, config := range prompts {
		for _, test := range tests {
			t.Run(prompt+"/"+test.name, func(t *testing.T) {
				s := newStage(t, test.size.width, test.size.height, config)
				s.say("before\n")
				s.press(test.typed)
				s.frame()
				s.say(test.messages)
				s.frame()
				s.say("after\n")
				s.press(left)
				s.frame()
				s.press("\r")
				s.frame()
			})
		}
	}
}

// paintDigits colours every digit.
func paintDigits(line string) (spans []Span) {
	for i, r := range line {
		if r >= '0' && r <= '9' {
			spans = append(spans, Span{i, i + 1, "33"})
		}
	}
	return spans
}
