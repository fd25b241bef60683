package terminal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// foldBytes is the length up to which a paste is shown, in bytes; a longer one, or one of several lines, is folded.
const foldBytes = 1000

// unfoldBytes is the length up to which a fold can be opened in the line, in bytes; a longer one can be edited in $EDITOR.
const unfoldBytes = 64 << 10

// folds holds the pasted texts that runes from foldBase on stand for.
type folds struct {
	texts map[rune]string
	next  rune
}

// fold stores a text, and returns the rune that stands for it.
func (f *folds) fold(text string) rune {
	if f.texts == nil {
		f.texts, f.next = map[rune]string{}, foldBase
	}
	r := f.next
	f.next++
	f.texts[r] = text
	return r
}

// runes returns the runes of a text, or if it is longer than limit bytes, that of a fold.
func (f *folds) runes(text string, limit int) []rune {
	if len(text) > limit {
		return []rune{f.fold(text)}
	}
	return []rune(text)
}

// expand returns the text with its folds opened.
func (f *folds) expand(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		if r < foldBase {
			b.WriteRune(r)
		} else {
			b.WriteString(f.texts[r])
		}
	}
	return b.String()
}

// keep drops the texts whose runes do not occur in any of these.
func (f *folds) keep(in [][]rune) {
	maps.DeleteFunc(f.texts, func(r rune, _ string) bool {
		return !slices.ContainsFunc(in, func(text []rune) bool { return slices.Contains(text, r) })
	})
}

// label returns how a fold is shown.
func (f *folds) label(r rune) string {
	text := f.texts[r]
	lines := strings.Count(text, "\n") + 1
	unit := "lines"
	if lines == 1 {
		unit = "line"
	}
	return fmt.Sprintf("[pasted %d %s, %d bytes]", lines, unit, len(text))
}

// paste inserts a pasted text, folded if it is long or has several lines. One newline at its end is removed.
func (e *editor) paste(text string) outcome {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return proceed
	}
	limit := foldBytes
	if strings.Contains(text, "\n") {
		limit = 0
	}
	return e.change(func() { e.insert(e.folds.runes(text, limit)...) })
}

// unfold opens the fold at the cursor, or the nearest one before it, so that its text can be edited.
func (e *editor) unfold() outcome {
	at := e.foldAt()
	if at < 0 || len(e.folds.texts[e.text[at]]) > unfoldBytes {
		return proceed
	}
	return e.change(func() {
		text := []rune(e.folds.texts[e.text[at]])
		e.cut(at, at+1)
		e.insert(text...)
	})
}

// foldAt returns where the fold at or before the cursor is, or -1.
func (e *editor) foldAt() int {
	for i := min(e.pos, len(e.text)-1); i >= 0; i-- {
		if isFold(e.text[i]) {
			return i
		}
	}
	return slices.IndexFunc(e.text, isFold)
}
