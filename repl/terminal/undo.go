package terminal

import "slices"

// undo remembers how the line was before each change. Characters typed in a row are one change.
type undo struct {
	past, future []line
	typing       bool // the last change was typing, and nothing else has happened since
}

// maxUndo is how many changes can be taken back.
const maxUndo = 500

// save is called before a change.
func (u *undo) save(l line) {
	u.typing = false
	u.push(l)
}

// saveTyping is called before a typed character.
func (u *undo) saveTyping(l line) {
	if !u.typing {
		u.push(l)
	}
	u.typing = true
}

func (u *undo) push(l line) {
	u.future = nil
	if len(u.past) == maxUndo {
		u.past = slices.Delete(u.past, 0, 1)
	}
	u.past = append(u.past, l.clone())
}

// back exchanges the line for the one before the last change; again is the way forth.
func (u *undo) back(l *line)  { swap(&u.past, &u.future, l) }
func (u *undo) again(l *line) { swap(&u.future, &u.past, l) }

func swap(from, to *[]line, l *line) {
	if len(*from) == 0 {
		return
	}
	*to = append(*to, l.clone())
	last := len(*from) - 1
	*l, *from = (*from)[last], (*from)[:last]
}

func (u *undo) forget() { *u = undo{} }

func (l line) clone() line { return line{slices.Clone(l.text), l.pos} }
