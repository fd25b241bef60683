package terminal

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// binding is one row of the table of keys. Chords are separated by spaces, the two keys of one by a comma; C- is Ctrl, M- Alt,
// S- Shift.
type binding struct {
	chords string
	do     command
}

// emacs returns the table of keys, the same as in readline and Emacs.
func emacs() keymap {
	return newKeymap([]binding{
		{"Enter", (*editor).enter},
		{"M-Enter C-Enter S-Enter C-j", func(e *editor) outcome { return e.change(func() { e.insert('\n') }) }},
		{"C-c", func(*editor) outcome { return interrupt }},
		{"C-d", (*editor).deleteOrEnd},
		{"C-z", func(*editor) outcome { return suspend }},
		{"C-l", func(*editor) outcome { return clear }},
		{"C-x,C-e", func(*editor) outcome { return compose }},
		{"C-x,C-p", (*editor).pretty},
		{"C-x", func(e *editor) outcome { e.prefix = key{code: 'x', mod: ctrl}; return proceed }},
		{"C-q C-v", func(e *editor) outcome { e.literal = true; return proceed }},
		{"C-o", (*editor).unfold},

		{"C-b Left", func(e *editor) outcome { return e.move(e.left(e.pos)) }},
		{"C-f Right", func(e *editor) outcome { return e.acceptOr(e.right(e.pos)) }},
		{"C-a Home", func(e *editor) outcome { return e.move(e.rowStart(e.pos)) }},
		{"C-e End", func(e *editor) outcome { return e.acceptOr(e.rowEnd(e.pos)) }},
		{"C-Home", func(e *editor) outcome { return e.move(0) }},
		{"C-End", func(e *editor) outcome { return e.move(len(e.text)) }},
		{"M-b M-Left C-Left", func(e *editor) outcome { return e.move(e.wordLeft(e.pos, word)) }},
		{"M-f M-Right C-Right", func(e *editor) outcome { return e.acceptWordOr(e.wordRight(e.pos, word)) }},

		{"Backspace C-h", func(e *editor) outcome { return e.change(func() { e.cut(e.left(e.pos), e.pos) }) }},
		{"Delete", func(e *editor) outcome { return e.change(func() { e.cut(e.pos, e.right(e.pos)) }) }},
		{"C-k", func(e *editor) outcome { return e.kill(e.killEnd(), true) }},
		{"C-u C-x,Backspace", func(e *editor) outcome { return e.kill(e.rowStart(e.pos), false) }},
		{"C-w", func(e *editor) outcome { return e.kill(e.wordLeft(e.pos, bigWord), false) }},
		{"M-Backspace C-Backspace M-C-h", func(e *editor) outcome { return e.kill(e.wordLeft(e.pos, word), false) }},
		{"M-d M-Delete C-Delete", func(e *editor) outcome { return e.kill(e.wordRight(e.pos, word), true) }},
		{"C-y", (*editor).yank},
		{"M-y", (*editor).yankOlder},
		{"C-_ C-x,C-u C-/", func(e *editor) outcome { e.undo.revert(&e.line); return proceed }},
		{"M-_ M-/", func(e *editor) outcome { e.undo.redo(&e.line); return proceed }},
		{"C-t", (*editor).transpose},
		{"M-t", (*editor).transposeWords},
		{"M-u", func(e *editor) outcome { return e.recase(strings.ToUpper) }},
		{"M-l", func(e *editor) outcome { return e.recase(strings.ToLower) }},
		{"M-c", func(e *editor) outcome { return e.recase(capital) }},
		{"M-\\", (*editor).deleteSpace},

		{"Up C-p", (*editor).up},
		{"Down C-n", (*editor).down},
		{"PageUp M-p", func(e *editor) outcome { return e.match(-1) }},
		{"PageDown M-n", func(e *editor) outcome { return e.match(1) }},
		{"M-<", func(e *editor) outcome { return e.visit(0) }},
		{"M->", func(e *editor) outcome { return e.visit(e.recall.history.Len()) }},
		{"M-.", (*editor).lastArgument},
		{"C-r", func(e *editor) outcome { return e.startSearch(false) }},
		{"C-s", func(e *editor) outcome { return e.startSearch(true) }},
		{"Tab", (*editor).tab},
	})
}

func newEditor(c Config) *editor {
	e := &editor{config: c, keys: emacs(), recall: newRecall(c.History)}
	if c.ViMode {
		e.vi = &vi{}
	}
	return e
}

// newKeymap returns the keymap of a table.
func newKeymap(rows []binding) keymap {
	m := keymap{}
	for _, row := range rows {
		for name := range strings.FieldsSeq(row.chords) {
			first, second, two := strings.Cut(name, ",")
			if two {
				m[chord{parseKey(first), parseKey(second)}] = row.do
			} else {
				m[chord{second: parseKey(first)}] = row.do
			}
		}
	}
	return m
}

// parseKey parses the name of a key in a table.
func parseKey(name string) (k key) {
	for len(name) > 2 && name[1] == '-' {
		k.mod |= map[byte]modifier{'C': ctrl, 'M': alt, 'S': shift}[name[0]]
		name = name[2:]
	}
	named := map[string]rune{
		"Enter": keyEnter, "Tab": keyTab, "Backspace": keyBackspace, "Escape": keyEscape, "Up": keyUp, "Down": keyDown,
		"Right": keyRight, "Left": keyLeft, "Home": keyHome, "End": keyEnd, "Insert": keyInsert, "Delete": keyDelete,
		"PageUp": keyPageUp, "PageDown": keyPageDown, "Space": ' ',
	}
	if code, ok := named[name]; ok {
		k.code = code
		return k
	}
	k.code, _ = utf8.DecodeRuneInString(name)
	return k
}

func (e *editor) move(to int) outcome {
	e.pos = e.snap(to)
	return proceed
}

// change calls f, whose changes are undone together.
func (e *editor) change(f func()) outcome {
	e.undo.save(e.line)
	f()
	return proceed
}

// enter submits the line. For an incomplete line it inserts a newline instead, and for a line with a mistake it does nothing; a
// second Enter submits the line as it is.
func (e *editor) enter() outcome {
	switch {
	case e.before.continued:
		e.cut(e.pos-1, e.pos)
		return submit
	case e.before.mistake != "":
		return submit
	}
	text := e.folds.expand(e.text)
	if e.config.Incomplete != nil && e.config.Incomplete(text) {
		e.now.continued = true
		return e.change(func() { e.insert('\n') })
	}
	if e.config.Mistake != nil {
		e.now.mistake = e.config.Mistake(text)
	}
	if e.now.mistake != "" {
		return proceed
	}
	return submit
}

// pretty reformats the line.
func (e *editor) pretty() outcome {
	if e.config.Reformat == nil {
		return proceed
	}
	text, ok := e.config.Reformat(e.folds.expand(e.text))
	if !ok {
		return proceed
	}
	return e.change(func() {
		e.line = line{}
		e.insert(e.folds.runes(text, unfoldBytes)...)
	})
}

// kill cuts the text between the cursor and a position, and adds it to the kill ring.
func (e *editor) kill(to int, forward bool) outcome {
	e.now.killed = true
	return e.change(func() { e.kills.add(e.cut(e.pos, e.snap(to)), forward, e.before.killed) })
}

// killEnd returns the end of the row, or the position after its newline if the cursor is at the end.
func (e *editor) killEnd() int {
	if at := e.rowEnd(e.pos); at > e.pos {
		return at
	}
	return e.right(e.pos)
}

func (e *editor) deleteOrEnd() outcome {
	if len(e.text) == 0 {
		return end
	}
	return e.change(func() { e.cut(e.pos, e.right(e.pos)) })
}

func (e *editor) yank() outcome {
	text := e.kills.yank()
	e.now.yanked = len(text)
	return e.change(func() { e.insert(text...) })
}

// yankOlder replaces the text that was just yanked by the kill before it.
func (e *editor) yankOlder() outcome {
	n := e.before.yanked
	if n == 0 || n > e.pos {
		return proceed
	}
	text := e.kills.older()
	e.now.yanked = len(text)
	return e.change(func() {
		e.cut(e.pos-n, e.pos)
		e.insert(text...)
	})
}

// transpose exchanges the characters around the cursor and moves on; at the end, the last two.
func (e *editor) transpose() outcome {
	at := e.pos
	if at == len(e.text) {
		at = e.left(at)
	}
	if at == 0 {
		return proceed
	}
	return e.change(func() {
		before := e.cut(e.left(at), at)
		e.pos = e.right(e.pos)
		e.insert(before...)
	})
}

// transposeWords exchanges the word at the cursor with the one before it.
func (e *editor) transposeWords() outcome {
	end := e.wordRight(e.pos, word)
	second := e.wordLeft(end, word)
	first := e.wordLeft(second, word)
	firstEnd := e.wordRight(first, word)
	if first == second || firstEnd > second {
		return proceed
	}
	return e.change(func() {
		b, gap, a := e.text[second:end], e.text[firstEnd:second], e.text[first:firstEnd]
		e.text = slices.Concat(e.text[:first], b, gap, a, e.text[end:])
		e.pos = end
	})
}

// recase changes the case of the word after the cursor.
func (e *editor) recase(f func(string) string) outcome {
	end := e.wordRight(e.pos, word)
	if slices.ContainsFunc(e.text[e.pos:end], isFold) {
		return e.move(end)
	}
	return e.change(func() { e.insert([]rune(f(string(e.cut(e.pos, end))))...) })
}

func capital(s string) string {
	done := false
	return strings.Map(func(r rune) rune {
		if done || !unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		done = true
		return unicode.ToTitle(r)
	}, s)
}

// deleteSpace removes the white space around the cursor.
func (e *editor) deleteSpace() outcome {
	from, to := e.pos, e.pos
	for from > 0 && unicode.IsSpace(e.text[from-1]) {
		from--
	}
	for to < len(e.text) && unicode.IsSpace(e.text[to]) {
		to++
	}
	return e.change(func() { e.cut(from, to) })
}

// verbatim inserts the character that a key sends, so that control characters can be typed.
func (e *editor) verbatim(k key) outcome {
	r := k.code
	if r < 0 {
		r = map[rune]rune{keyEnter: '\r', keyTab: '\t', keyEscape: 0x1b, keyBackspace: 0x7f}[r]
		if r == 0 {
			return proceed
		}
	}
	if k.mod == ctrl && r >= '@' && r <= '~' {
		r &= 0x1f
	}
	return e.change(func() { e.insert(r) })
}
