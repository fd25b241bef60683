package repl

import (
	"strings"
	"unicode/utf8"
)

const (
	firstColumn = 28 // characters
	lineWidth   = 80 // of a screen that is not wide
)

// columns formats rows of two texts in two columns, wrapped between words.
func columns(rows [][2]string) string {
	var text strings.Builder
	for _, row := range rows {
		width := utf8.RuneCountInString(row[0])
		text.WriteString(row[0])
		if width > firstColumn && row[1] != "" {
			text.WriteByte('\n')
			width = 0
		}
		for word := range strings.FieldsSeq(row[1]) {
			switch n := utf8.RuneCountInString(word); {
			case width <= firstColumn:
				text.WriteString(strings.Repeat(" ", firstColumn+1-width))
				width = firstColumn + 1
			case width+1+n >= lineWidth:
				text.WriteString("\n" + strings.Repeat(" ", firstColumn+1))
				width = firstColumn + 1
			default:
				text.WriteByte(' ')
				width++
			}
			text.WriteString(word)
			width += utf8.RuneCountInString(word)
		}
		text.WriteByte('\n')
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// Keys returns the keys of the prompt, each with what it does.
func Keys() [][2]string {
	return [][2]string{
		{"Enter", "send the line; continue incomplete JSON on the next row; a second Enter sends the line as it is"},
		{"Alt-Enter, Ctrl-J", "continue on the next row"},
		{"Up, Down", "go through earlier lines that begin with what is typed"},
		{"Right, Ctrl-E, Alt-F", "accept the grey suggestion, or its next word"},
		{"Tab", "complete commands, their arguments, file names after @, JSON keys and values of the session"},
		{"Ctrl-R", "search the history"},
		{"Ctrl-A, Ctrl-E", "go to the beginning or the end of the line"},
		{"Alt-B, Alt-F", "go back or forward a word"},
		{"Ctrl-W, Ctrl-U, Ctrl-K", "delete the word before the cursor, the line before it, the line after it"},
		{"Ctrl-Y", "insert the text that was deleted last"},
		{"Ctrl-_", "undo"},
		{"Ctrl-X Ctrl-E", "edit the line in $VISUAL or $EDITOR"},
		{"Ctrl-X Ctrl-P", "reformat JSON"},
		{"Ctrl-C", "cancel a running command; clear the line; on an empty line, close and end"},
		{"Ctrl-D", "on an empty line, close and end"},
		{"Ctrl-Z", "suspend"},
	}
}
