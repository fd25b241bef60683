package terminal

import (
	"slices"
	"strings"
)

// suggestion is the rest of the newest entry in the history that begins with the line, cached until the line changes.
type suggestion struct {
	line    string
	entries int // of the history, when it was looked up
	rest    string
}

// maxSuggest is the length of the longest line for which an entry is suggested, in runes.
const maxSuggest = 1000

// suggested returns the text that would complete the line from the history; "" = no entry begins with it, or the cursor is not at the end of a new
// line.
func (e *editor) suggested() string {
	n := e.recall.history.Len()
	switch {
	case e.config.Colors.Suggestion == "", e.pos < len(e.text), len(e.text) == 0, len(e.text) > maxSuggest, e.recall.at != n,
		e.search != nil, e.menu != nil, e.vi != nil && e.vi.normal,
		slices.ContainsFunc(e.text, isFold):
		return ""
	}
	text := string(e.text)
	if s := &e.suggestion; s.line != text || s.entries != n {
		*s = suggestion{line: text, entries: n}
		if i := e.recall.history.next(n-1, -1, text); i >= 0 {
			s.rest = e.recall.history.at(i)[len(text):]
		}
	}
	return e.suggestion.rest
}

// acceptOr inserts the suggestion, or moves the cursor if nothing is suggested.
func (e *editor) acceptOr(to int) outcome {
	rest := e.suggested()
	if rest == "" {
		return e.move(to)
	}
	return e.change(func() { e.show(e.suggestion.line + rest) })
}

// acceptWordOr inserts the next word of the suggestion, or moves the cursor if nothing is suggested.
func (e *editor) acceptWordOr(to int) outcome {
	rest := line{text: []rune(e.suggested())}
	if len(rest.text) == 0 {
		return e.move(to)
	}
	return e.change(func() { e.insert(rest.text[:rest.wordRight(0, word)]...) })
}

// firstRow returns the text before the first newline, with an ellipsis if more follows.
func firstRow(text string) string {
	row, _, more := strings.Cut(text, "\n")
	if more {
		row += " …"
	}
	return row
}
