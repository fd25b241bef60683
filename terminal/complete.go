package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Completer returns the ways to complete the line at pos, in bytes. A candidate replaces the text between head, a prefix of
// the line, and pos.
type Completer func(line string, pos int) (head string, candidates []Candidate)

// Candidate is one completion.
type Candidate struct {
	Text string
	Note string // what it means, shown next to it
	Open bool   // the word may continue, as after a directory: no space is added
}

// menu shows the candidates while one of them is being chosen.
type menu struct {
	candidates []Candidate
	selected   int  // -1 before the first Tab
	from       int  // position in the line where a candidate begins, in runes
	origin     line // what was typed
	common     line // the line with the common prefix of all candidates
}

// tab completes the text before the cursor up to the common prefix of all candidates. If there are several it opens the menu.
func (e *editor) tab() outcome {
	if e.config.Complete == nil {
		return proceed
	}
	before := e.folds.expand(e.text[:e.pos])
	head, candidates := e.config.Complete(e.folds.expand(e.text), len(before))
	if len(candidates) == 0 || !strings.HasPrefix(before, head) {
		return proceed
	}
	word := before[len(head):]
	from := e.pos - utf8.RuneCountInString(word)
	if from < 0 || strings.ContainsFunc(string(e.text[from:e.pos]), func(r rune) bool { return r == utf8.RuneError }) {
		return proceed // a fold is not completed
	}
	if len(candidates) == 1 {
		return e.change(func() { e.replaceFrom(from, candidates[0]) })
	}
	origin := e.line.clone()
	if common := commonPrefix(candidates); len(common) > len(word) {
		e.change(func() { e.replaceFrom(from, Candidate{Text: common, Open: true}) })
	}
	e.menu = &menu{candidates: candidates, selected: -1, from: from, origin: origin, common: e.line.clone()}
	return proceed
}

// replaceFrom replaces the text between a position and the cursor by a candidate.
func (e *editor) replaceFrom(from int, c Candidate) {
	e.cut(from, e.pos)
	e.insert([]rune(c.Text)...)
	if c.Open {
		return
	}
	if e.pos < len(e.text) && e.text[e.pos] == ' ' {
		e.pos++
		return
	}
	e.insert(' ')
}

// menuKey handles a key while the menu is open: Tab selects the next candidate, Shift-Tab the previous one, Enter accepts the
// selected one. Every other key accepts it as well, and then has its usual effect.
func (e *editor) menuKey(k key) outcome {
	m := e.menu
	switch {
	case k == key{code: keyTab}:
		return e.choose(1)
	case k == key{code: keyTab, mod: shift}:
		return e.choose(-1)
	case k == key{code: 'g', mod: ctrl}, k == key{code: keyEscape}:
		e.menu = nil
		return e.change(func() { e.line = m.origin })
	}
	e.menu = nil
	if k == (key{code: keyEnter}) && m.selected >= 0 {
		return proceed
	}
	return e.key(k)
}

// choose selects the candidate step positions after the selected one.
func (e *editor) choose(step int) outcome {
	m := e.menu
	if m.selected += step; m.selected < 0 {
		m.selected = len(m.candidates) - 1
	}
	m.selected %= len(m.candidates)
	return e.change(func() {
		e.line = m.common.clone()
		e.replaceFrom(m.from, m.candidates[m.selected])
	})
}

// commonPrefix returns how all candidates begin, in whole runes.
func commonPrefix(candidates []Candidate) string {
	common := candidates[0].Text
	for _, c := range candidates[1:] {
		for !strings.HasPrefix(c.Text, common) {
			_, n := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-n]
		}
	}
	return common
}

// rows returns the rows of candidates below the line: several in a row, or one if they have notes. They take at most a third of
// the screen, with the selected one visible.
func (m *menu) rows(width, height int, colors Colors) [][]piece {
	columns, each := m.columns(width)
	all := (len(m.candidates) + columns - 1) / columns
	shown := min(all, max(1, height/3))
	top := min(max(0, m.selected/columns-shown/2), all-shown)
	var rows [][]piece
	for row := top; row < top+shown; row++ {
		var pieces []piece
		for i := row * columns; i < min(len(m.candidates), (row+1)*columns); i++ {
			pieces = append(pieces, m.item(i, each, colors)...)
		}
		rows = append(rows, pieces)
	}
	if hidden := len(m.candidates) - shown*columns; hidden > 0 {
		rows = append(rows, []piece{{fmt.Sprintf("… %d more", hidden), colors.Note}})
	}
	return rows
}

// columns returns the number of candidates in a row, and the width of each.
func (m *menu) columns(width int) (columns, each int) {
	notes := false
	for _, c := range m.candidates {
		each = max(each, uniseg.StringWidth(sanitize(c.Text)))
		notes = notes || c.Note != ""
	}
	if notes {
		return 1, each + 2
	}
	return max(1, (width-1)/(each+2)), each + 2
}

// item returns one candidate, padded to a width, with its note.
func (m *menu) item(i, width int, colors Colors) []piece {
	c := m.candidates[i]
	text := sanitize(c.Text)
	pad := strings.Repeat(" ", max(0, width-uniseg.StringWidth(text)))
	style := Style("")
	if i == m.selected {
		style = colors.Selected
	}
	return []piece{{text, style}, {pad, ""}, {c.Note, colors.Note}}
}
