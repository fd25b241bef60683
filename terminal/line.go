package terminal

import (
	"slices"
	"unicode"
)

// line is the edited text, and the position of the cursor in runes. The cursor is always between grapheme clusters.
type line struct {
	text []rune
	pos  int
}

func (l *line) insert(r ...rune) {
	l.text = slices.Insert(l.text, l.pos, r...)
	l.pos += len(r)
	l.snapCursor()
}

// cut removes and returns the text between two positions, in either order, and moves the cursor there.
func (l *line) cut(from, to int) []rune {
	from, to = min(from, to), max(from, to)
	removed := slices.Clone(l.text[from:to])
	l.text = slices.Delete(l.text, from, to)
	l.pos = from
	l.snapCursor()
	return removed
}

// snapCursor moves the cursor out of a cluster that an edit has joined around it.
func (l *line) snapCursor() { l.pos = l.snap(l.pos) }

// snap returns i, or the end of the cluster that i is in.
func (l *line) snap(i int) int {
	if i <= 0 || i >= len(l.text) {
		return i
	}
	return clusterEnd(l.text, clusterStart(l.text, i))
}

// left and right return the cursor positions next to i.
func (l *line) left(i int) int {
	if i == 0 {
		return 0
	}
	return clusterStart(l.text, i)
}

func (l *line) right(i int) int {
	if i == len(l.text) {
		return i
	}
	return clusterEnd(l.text, i)
}

// rowStart and rowEnd bound the row of a line of several rows in which i is.
func (l *line) rowStart(i int) int {
	for i > 0 && l.text[i-1] != '\n' {
		i--
	}
	return i
}

func (l *line) rowEnd(i int) int {
	for i < len(l.text) && l.text[i] != '\n' {
		i++
	}
	return i
}

// above and below move the cursor by a row in the same column, and report whether there is such a row.
func (l *line) above() bool {
	start := l.rowStart(l.pos)
	if start == 0 {
		return false
	}
	previous := l.rowStart(start - 1)
	l.pos = l.snap(min(previous+l.pos-start, start-1))
	return true
}

func (l *line) below() bool {
	end := l.rowEnd(l.pos)
	if end == len(l.text) {
		return false
	}
	column := l.pos - l.rowStart(l.pos)
	l.pos = l.snap(min(end+1+column, l.rowEnd(end+1)))
	return true
}

// class returns what kind of word a rune belongs to.
type class func(rune) int

// bigWord separates words by white space, word also by punctuation (as in Emacs); for viWord punctuation forms words as well.
func bigWord(r rune) int {
	if unicode.IsSpace(r) {
		return 0
	}
	return 1
}

func word(r rune) int {
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r >= foldBase {
		return 1
	}
	return 0
}

func viWord(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case word(r) == 1 || r == '_':
		return 1
	}
	return 2
}

// wordLeft returns the beginning of the word before i.
func (l *line) wordLeft(i int, of class) int {
	for i > 0 && of(l.text[i-1]) == 0 {
		i--
	}
	if i == 0 {
		return 0
	}
	for kind := of(l.text[i-1]); i > 0 && of(l.text[i-1]) == kind; {
		i--
	}
	return i
}

// wordRight returns the end of the word after i.
func (l *line) wordRight(i int, of class) int {
	for i < len(l.text) && of(l.text[i]) == 0 {
		i++
	}
	if i == len(l.text) {
		return i
	}
	for kind := of(l.text[i]); i < len(l.text) && of(l.text[i]) == kind; {
		i++
	}
	return i
}

// wordNext returns the beginning of the word after the one at i, as the motion w of vi does.
func (l *line) wordNext(i int, of class) int {
	if i < len(l.text) {
		for kind := of(l.text[i]); i < len(l.text) && kind != 0 && of(l.text[i]) == kind; {
			i++
		}
	}
	for i < len(l.text) && of(l.text[i]) == 0 {
		i++
	}
	return i
}
