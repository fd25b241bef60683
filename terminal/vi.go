package terminal

import (
	"slices"
	"unicode"
)

// motion is a motion from the cursor to a goal. If it is inclusive, the character at the goal belongs to the range of an
// operator.
type motion struct {
	goal      func(e *editor) int // returns -1 if there is no goal: the command has no effect
	inclusive bool
	repeats   bool // it is repeated count times
}

// motions returns the table of motions.
func motions() map[rune]motion {
	left := func(e *editor) int { return max(e.rowStart(e.pos), e.left(e.pos)) }
	right := func(e *editor) int { return min(e.rowEnd(e.pos), e.right(e.pos)) }
	return map[rune]motion{
		'h': {left, false, true}, 'l': {right, false, true}, ' ': {right, false, true},
		'w': {func(e *editor) int { return e.wordNext(e.pos, viWord) }, false, true},
		'W': {func(e *editor) int { return e.wordNext(e.pos, bigWord) }, false, true},
		'b': {func(e *editor) int { return e.wordLeft(e.pos, viWord) }, false, true},
		'B': {func(e *editor) int { return e.wordLeft(e.pos, bigWord) }, false, true},
		'e': {func(e *editor) int { return e.lastOfWord(viWord) }, true, true},
		'E': {func(e *editor) int { return e.lastOfWord(bigWord) }, true, true},
		'0': {func(e *editor) int { return e.rowStart(e.pos) }, false, false},
		'^': {(*editor).firstOfRow, false, false},
		'$': {func(e *editor) int { return e.rowEnd(e.pos) }, false, false},
		'|': {func(e *editor) int { return min(e.rowEnd(e.pos), e.rowStart(e.pos)+max(1, e.vi.count)-1) }, false, false},
	}
}

// firstOfRow returns the position of the first character in the row that is not white space.
func (e *editor) firstOfRow() int {
	i := e.rowStart(e.pos)
	for i < e.rowEnd(e.pos) && unicode.IsSpace(e.text[i]) {
		i++
	}
	return i
}

// lastOfWord returns the position of the last character of the word at or after the cursor.
func (e *editor) lastOfWord(of class) int {
	return e.left(e.wordRight(min(len(e.text), e.right(e.pos)), of))
}

// viKey handles a key in vi mode.
func (e *editor) viKey(k key) outcome {
	v := e.vi
	if k.mod == alt && k.code >= ' ' { // Escape and a character arrived together
		e.viKey(key{code: keyEscape})
		return e.viKey(key{code: k.code})
	}
	if !v.replaying {
		v.keys = append(v.keys, k)
	}
	if !v.normal {
		return e.insertKey(k)
	}
	did := e.normalKey(k)
	if v.normal && v.idle() {
		e.endCommand()
	}
	return did
}

// insertKey handles a key in insert mode; Escape switches to normal mode.
func (e *editor) insertKey(k key) outcome {
	if k.code != keyEscape {
		return e.lineKey(k)
	}
	e.vi.normal = true
	if e.pos > e.rowStart(e.pos) {
		e.pos = e.left(e.pos)
	}
	e.endCommand()
	return proceed
}

// idle reports whether no command is incomplete.
func (v *vi) idle() bool { return v.op == 0 && v.pending == 0 && v.count == 0 }

// endCommand stores the keys of a change for the command ".", and moves the cursor onto a character.
func (e *editor) endCommand() {
	v := e.vi
	if v.changes && !v.replaying {
		v.dot = slices.Clone(v.keys)
	}
	v.keys, v.changes = nil, false
	if e.pos > e.rowStart(e.pos) && e.pos == e.rowEnd(e.pos) {
		e.pos = e.left(e.pos)
	}
}

// normalKey handles a key in normal mode.
func (e *editor) normalKey(k key) outcome {
	v := e.vi
	switch {
	case v.pending != 0:
		return e.handlePending(k)
	case k.code == keyEscape:
		v.op, v.count, v.opCount = 0, 0, 0
		return proceed
	case k.code == keyBackspace:
		k = key{code: 'h'}
	case k.mod != 0 || k.code < 0:
		v.op, v.count = 0, 0
		return e.lineKey(k)
	case k.code >= '1' && k.code <= '9' || k.code == '0' && v.count > 0:
		v.count = min(v.count*10+int(k.code-'0'), 9999)
		return proceed
	}
	return e.normalCommand(k.code)
}

// normalCommand handles a character that is not part of a count.
func (e *editor) normalCommand(r rune) outcome {
	v := e.vi
	if m, ok := motions()[r]; ok {
		return e.viMove(e.changeWord(r, m))
	}
	switch r {
	case 'f', 'F', 't', 'T', 'r':
		v.pending = r
		return proceed
	case ';', ',':
		return e.seekAgain(r == ',')
	case 'd', 'c', 'y':
		return e.operator(r)
	}
	v.op = 0
	n := max(1, v.count)
	v.count = 0
	if command := viCommands()[r]; command != nil {
		e.startCommand()
		return command(e, n)
	}
	return proceed
}

// operator waits for a motion, or if it is typed twice applies to the whole row.
func (e *editor) operator(r rune) outcome {
	v := e.vi
	if v.op == r {
		v.op, v.count = 0, 0
		return e.operate(r, e.rowStart(e.pos), e.rowEnd(e.pos))
	}
	v.op, v.opCount, v.count = r, v.count, 0
	return proceed
}

// viMove moves the cursor, or applies the pending operator to the range.
func (e *editor) viMove(m motion) outcome {
	v := e.vi
	op, repeats := v.op, 1
	if m.repeats {
		repeats = max(1, v.count) * max(1, v.opCount)
	}
	from, goal := e.pos, e.pos
	for ; repeats > 0 && goal >= 0; repeats-- {
		if goal = m.goal(e); goal >= 0 {
			e.pos = e.snap(goal)
		}
	}
	v.op, v.count, v.opCount = 0, 0, 0
	if goal < 0 {
		e.pos = from
	}
	if op == 0 || goal < 0 {
		return proceed
	}
	to := e.pos
	if m.inclusive && to >= from {
		to = e.right(to)
	}
	e.pos = from
	return e.operate(op, from, to)
}

// changeWord returns the motion of w and W, which after c go to the end of the word and not to the next one.
func (e *editor) changeWord(r rune, m motion) motion {
	of := map[rune]class{'w': viWord, 'W': bigWord}[r]
	if of == nil || e.vi.op != 'c' || e.pos == len(e.text) || unicode.IsSpace(e.text[e.pos]) {
		return m
	}
	return motion{goal: func(e *editor) int { return e.wordRight(e.pos, of) }, repeats: true}
}

// operate deletes, changes or yanks the text between two positions.
func (e *editor) operate(op rune, from, to int) outcome {
	e.startCommand()
	from, to = min(from, to), max(from, to)
	if op == 'y' {
		e.kills.add(slices.Clone(e.text[from:to]), true, false)
		e.pos = from
		return proceed
	}
	e.vi.changes = true
	e.change(func() { e.kills.add(e.cut(from, to), true, false) })
	if op == 'c' {
		e.vi.normal = false
	}
	return proceed
}

// handlePending handles the character argument of a command.
func (e *editor) handlePending(k key) outcome {
	v := e.vi
	r := v.pending
	v.pending = 0
	if k.code < ' ' || k.mod != 0 {
		v.op, v.count = 0, 0
		return proceed
	}
	if r == 'r' {
		return e.replace(k.code)
	}
	v.seekCommand, v.seekTarget = r, k.code
	return e.viMove(seek(r, k.code, false))
}

// replace replaces count characters by r.
func (e *editor) replace(r rune) outcome {
	n := max(1, e.vi.count)
	e.vi.count = 0
	end := e.pos
	for range n {
		if end == e.rowEnd(e.pos) {
			return proceed
		}
		end = e.right(end)
	}
	e.vi.changes = true
	return e.change(func() {
		e.cut(e.pos, end)
		e.insert(slices.Repeat([]rune{r}, n)...)
		e.pos = e.left(e.pos)
	})
}

// seek returns the motion to a character in the row: f to it, t before it, F and T backwards. again: t and T skip a match next
// to the cursor.
func seek(how, target rune, again bool) motion {
	forward := how == 'f' || how == 't'
	goal := func(e *editor) int {
		from := e.pos
		if again && how == 't' {
			from = e.right(from)
		}
		if again && how == 'T' {
			from = e.left(from)
		}
		at := e.seek(from, target, forward)
		switch {
		case at >= 0 && how == 't':
			return e.left(at)
		case at >= 0 && how == 'T':
			return e.right(at)
		}
		return at
	}
	return motion{goal, forward, true}
}

// seek returns the position of the next occurrence of a character in the row, or -1.
func (e *editor) seek(from int, target rune, forward bool) int {
	step := -1
	if forward {
		step = 1
	}
	for i := from + step; i >= e.rowStart(e.pos) && i < e.rowEnd(e.pos); i += step {
		if e.text[i] == target {
			return i
		}
	}
	return -1
}

// seekAgain repeats the last seek, in the other direction if back is set.
func (e *editor) seekAgain(back bool) outcome {
	how := e.vi.seekCommand
	if back {
		how = map[rune]rune{'f': 'F', 'F': 'f', 't': 'T', 'T': 't'}[how]
	}
	if how == 0 {
		return proceed
	}
	return e.viMove(seek(how, e.vi.seekTarget, true))
}

// viCommands returns the table of the commands of normal mode without a motion; n is the count.
func viCommands() map[rune]func(e *editor, n int) outcome {
	insert := func(to func(e *editor) int) func(*editor, int) outcome {
		return func(e *editor, _ int) outcome {
			e.vi.normal, e.vi.changes = false, true
			return e.move(to(e))
		}
	}
	ahead := func(e *editor, n int) (to int) {
		for to = e.pos; n > 0 && to < e.rowEnd(e.pos); n-- {
			to = e.right(to)
		}
		return to
	}
	return map[rune]func(*editor, int) outcome{
		'i': insert(func(e *editor) int { return e.pos }),
		'I': insert(func(e *editor) int { return e.firstOfRow() }),
		'a': insert(func(e *editor) int { return min(e.rowEnd(e.pos), e.right(e.pos)) }),
		'A': insert(func(e *editor) int { return e.rowEnd(e.pos) }),
		'x': func(e *editor, n int) outcome { return e.operate('d', e.pos, ahead(e, n)) },
		'X': func(e *editor, n int) outcome {
			from := e.pos
			for ; n > 0 && from > e.rowStart(e.pos); n-- {
				from = e.left(from)
			}
			return e.operate('d', from, e.pos)
		},
		's': func(e *editor, n int) outcome { return e.operate('c', e.pos, ahead(e, n)) },
		'S': func(e *editor, _ int) outcome { return e.operate('c', e.rowStart(e.pos), e.rowEnd(e.pos)) },
		'D': func(e *editor, _ int) outcome { return e.operate('d', e.pos, e.rowEnd(e.pos)) },
		'C': func(e *editor, _ int) outcome { return e.operate('c', e.pos, e.rowEnd(e.pos)) },
		'Y': func(e *editor, _ int) outcome { return e.operate('y', e.pos, e.rowEnd(e.pos)) },
		'p': func(e *editor, n int) outcome { return e.putBack(min(e.rowEnd(e.pos), e.right(e.pos)), n) },
		'P': func(e *editor, n int) outcome { return e.putBack(e.pos, n) },
		'u': func(e *editor, n int) outcome { return e.repeat(n, func() { e.undo.revert(&e.line) }) },
		'~': (*editor).toggleCase,
		'.': func(e *editor, _ int) outcome { return e.repeatChange() },
		'k': func(e *editor, n int) outcome { return e.repeat(n, func() { e.viRow((*line).above, -1) }) },
		'j': func(e *editor, n int) outcome { return e.repeat(n, func() { e.viRow((*line).below, 1) }) },
		'-': func(e *editor, n int) outcome { return e.repeat(n, func() { e.viRow((*line).above, -1) }) },
		'+': func(e *editor, n int) outcome { return e.repeat(n, func() { e.viRow((*line).below, 1) }) },
		'G': func(e *editor, _ int) outcome { return e.visit(e.recall.history.Len()) },
		'/': func(e *editor, _ int) outcome { return e.startSearch(false) },
		'?': func(e *editor, _ int) outcome { return e.startSearch(true) },
		'v': func(*editor, int) outcome { return compose },
	}
}

// viRow moves to the row above or below, or if there is no such row through the history, whatever was typed.
func (e *editor) viRow(row func(*line) bool, step int) {
	if !row(&e.line) {
		e.walk(step, "")
	}
}

func (e *editor) repeat(n int, f func()) outcome {
	for range n {
		f()
	}
	return proceed
}

// putBack inserts the last kill n times at a position, and moves the cursor to its last character.
func (e *editor) putBack(at, n int) outcome {
	text := e.kills.yank()
	if len(text) == 0 {
		return proceed
	}
	e.vi.changes = true
	return e.change(func() {
		e.pos = at
		e.insert(slices.Repeat(text, n)...)
		e.pos = e.left(e.pos)
	})
}

// toggleCase toggles the case of n characters.
func (e *editor) toggleCase(n int) outcome {
	e.vi.changes = true
	return e.change(func() {
		for ; n > 0 && e.pos < e.rowEnd(e.pos); n-- {
			if r := e.text[e.pos]; unicode.IsUpper(r) {
				e.text[e.pos] = unicode.ToLower(r)
			} else if r < foldBase {
				e.text[e.pos] = unicode.ToUpper(r)
			}
			e.pos = e.right(e.pos)
		}
	})
}

// repeatChange repeats the keys of the last change.
func (e *editor) repeatChange() outcome {
	v := e.vi
	v.replaying = true
	for _, k := range v.dot {
		e.key(k)
	}
	v.replaying = false
	return proceed
}
