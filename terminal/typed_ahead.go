package terminal

import (
	"fmt"
	"slices"
	"strings"
)

// typedAhead holds the queued lines.
type typedAhead struct {
	readers int // how many ReadLines wait
	lines   []*queuedLine
}

// maxQueuedRows is how many of the lines are shown.
const maxQueuedRows = 3

// submit submits the line, to a waiting ReadLine or to a later one.
func (c *console) submit() {
	shown := c.committed("")
	s := submission{line: c.editor.submit()}
	if c.readers > 0 {
		c.readers--
		c.prints.push(shown)
	} else {
		s.queued = &queuedLine{s.line, shown}
		c.typedAhead.lines = append(c.typedAhead.lines, s.queued)
	}
	c.submitted = append(c.submitted, s)
}

// printQueued moves a line to the transcript after it was read.
func (c *console) printQueued(line *queuedLine) {
	if i := slices.Index(c.typedAhead.lines, line); i >= 0 {
		c.prints.push(line.shown)
		c.typedAhead.lines, c.dirty = slices.Delete(c.typedAhead.lines, i, i+1), true
	}
}

// returnToPrompt inserts lines that were not read at the prompt.
func (c *console) returnToPrompt(lines []*queuedLine) {
	if len(lines) == 0 {
		return
	}
	texts := make([]string, len(lines))
	removed := map[*queuedLine]bool{}
	for i, line := range lines {
		texts[i], removed[line] = line.text, true
	}
	c.typedAhead.lines = slices.DeleteFunc(c.typedAhead.lines, func(line *queuedLine) bool { return removed[line] })
	c.unread(strings.Join(texts, "\n"), foldBytes)
}

// unread inserts a text before the line that is being typed, folded if it is longer than maxBytes.
func (c *console) unread(text string, maxBytes int) {
	e := c.editor
	e.change(func() {
		before := e.folds.runes(text, maxBytes)
		if len(e.text) > 0 {
			before = append(before, '\n')
		}
		at := len(before) + e.pos
		e.pos = 0
		e.insert(before...)
		e.pos = e.snap(at)
	})
	c.dirty = true
}

// rows returns the lines as they are shown.
func (t *typedAhead) rows(style Style) (rows [][]piece) {
	for _, line := range t.lines[:min(len(t.lines), maxQueuedRows)] {
		rows = append(rows, []piece{{"queued: " + firstRow(line.text), style}})
	}
	if more := len(t.lines) - len(rows); more > 0 {
		rows = append(rows, []piece{{fmt.Sprintf("… %d more queued", more), style}})
	}
	return rows
}
