package terminal

import (
	"bytes"
	"strings"

	"github.com/rivo/uniseg"
)

// Wrap wraps lines that are wider than width columns between words. The continuation of a line is indented to its second
// column, as in a table, or by two spaces more than the line. Words that are wider than a row are not wrapped. SGR sequences
// have no width; the text must not contain other control characters.
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
