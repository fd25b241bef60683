package terminal

import "slices"

// undo stores the line before each change. Characters typed in sequence are one change.
type undo struct {
	past, future []line
	typing       bool // the last change was typing, and nothing else has happened since
}

// The bounds of undo: changes, and runes that are stored for them.
const (
	maxUndo      = 500
	maxUndoRunes = 4 << 20
)

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
	u.past = append(u.past, l.clone())
	runes := 0
	for i := len(u.past) - 1; i >= 0; i-- {
		if runes += len(u.past[i].text); runes > maxUndoRunes || len(u.past)-i > maxUndo {
			u.past = slices.Delete(u.past, 0, i+1)
			return
		}
	}
}

// revert undoes the last change; redo does it again.
func (u *undo) revert(l *line) { swap(&u.past, &u.future, l) }
func (u *undo) redo(l *line)   { swap(&u.future, &u.past, l) }

func swap(from, to *[]line, l *line) {
	if len(*from) == 0 {
		return
	}
	*to = append(*to, l.clone())
	last := len(*from) - 1
	*l, *from = (*from)[last], (*from)[:last]
}

func (l line) clone() line { return line{slices.Clone(l.text), l.pos} }
