package terminal

import (
	"bytes"
	"strings"

	"github.com/rivo/uniseg"
)

// Wrap breaks the lines of a text between words where they are wider than a screen of width columns. The further rows of a line are
// indented to where its second column begins, as in a table, or by two more than its first row. Words that are wider than a row are
// left to the terminal. SGR sequences have no width; other controls must not be in the text.
func Wrap(text []byte, width int) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		out = wrapLine(out, string(line), width)
	}
	return out
}

func wrapLine(out []byte, line string, width int) []byte {
	body, end, _ := strings.Cut(line, "\n")
	if len(body) < len(line) {
		end = "\n"
	}
	if columnsOf(body) <= width {
		return append(out, line...)
	}
	indent, column := -1, 0
	for rest := body; rest != ""; {
		word := strings.TrimLeft(rest, " ")
		gap := len(rest) - len(word)
		word, _, _ = strings.Cut(word, " ")
		rest = rest[gap+len(word):]
		switch {
		case column == 0:
			indent = gap + 2
		case column > 0 && gap > 1 && indent <= 2 && column+gap <= width*2/3:
			indent = column + gap
		}
		n := columnsOf(word)
		if column > 0 && word != "" && column+gap+n > width && indent+n <= width {
			out = append(append(out, '\n'), strings.Repeat(" ", indent)...)
			column, gap = indent, 0
		}
		out = append(append(out, strings.Repeat(" ", gap)...), word...)
		column += gap + n
	}
	return append(out, end...)
}

// columnsOf returns the width of a text, without its SGR sequences.
func columnsOf(s string) (n int) {
	for {
		before, after, styled := strings.Cut(s, "\x1b[")
		n += uniseg.StringWidth(before)
		if !styled {
			return n
		}
		_, s, _ = strings.Cut(after, "m")
	}
}
