package terminal

import "strings"

// recall is the position in the history. Changed entries are kept until the line is submitted.
type recall struct {
	history *History
	at      int    // an entry; history.Len() = the line being typed
	prefix  string // what was typed when Up was pressed first: the entries that are shown begin with it
	drafts  map[int]line
	argAt   int // the entry whose last argument was inserted
}

func newRecall(h *History) recall {
	if h == nil {
		h = &History{}
	}
	return recall{history: h, at: h.Len()}
}

// reset begins a new line.
func (r *recall) reset() { r.at, r.prefix, r.drafts = r.history.Len(), "", nil }

// moveTo moves to entry i, and keeps the present line in case that is visited again.
func (r *recall) moveTo(l line, i int) {
	if r.drafts == nil {
		r.drafts = map[int]line{}
	}
	r.drafts[r.at] = l.clone()
	r.at = i
}

// visit replaces the line by entry i, or by its changed version.
func (e *editor) visit(i int) outcome {
	r := &e.recall
	if i < 0 || i > r.history.Len() || i == r.at {
		return proceed
	}
	r.moveTo(e.line, i)
	return e.change(func() {
		if draft, ok := r.drafts[i]; ok {
			e.line = draft.clone()
			return
		}
		e.show(r.history.at(i))
	})
}

// show replaces the line by a text, folded if it is long.
func (e *editor) show(text string) {
	runes := e.folds.runes(text, foldBytes)
	e.line = line{runes, len(runes)}
}

// up and down move to the row above or below in the line, or if there is no such row through the history.
func (e *editor) up() outcome {
	if e.above() {
		return proceed
	}
	return e.walk(-1, e.folds.expand(e.text))
}

func (e *editor) down() outcome {
	if e.below() {
		return proceed
	}
	return e.walk(1, e.folds.expand(e.text))
}

// walk moves to the next older or newer entry. Starting at the typed line, it visits only entries that begin with prefix.
func (e *editor) walk(step int, prefix string) outcome {
	r := &e.recall
	if r.at == r.history.Len() {
		r.prefix = prefix
	}
	return e.visit(r.next(step, r.prefix))
}

// next returns the next entry, in the direction of step, that begins with prefix: after the newest one that of the line being
// typed, before the oldest one -1.
func (r *recall) next(step int, prefix string) int {
	i := r.history.next(r.at+step, step, prefix)
	if i < 0 && step > 0 {
		return r.history.Len()
	}
	return i
}

// match moves to the next entry, in the direction of step, that begins with the text before the cursor.
func (e *editor) match(step int) outcome {
	prefix, pos := e.folds.expand(e.text[:e.pos]), e.pos
	if i := e.recall.next(step, prefix); i >= 0 {
		e.visit(i)
		e.pos = e.snap(min(pos, len(e.text)))
	}
	return proceed
}

// lastArgument inserts the last word of the previous line, or replaces the word that it has just inserted by an older one.
func (e *editor) lastArgument() outcome {
	at := e.recall.history.Len()
	if e.before.argued > 0 {
		at = e.recall.argAt
	}
	for at--; at >= 0; at-- {
		words := strings.Fields(e.recall.history.at(at))
		if len(words) == 0 {
			continue
		}
		word := []rune(words[len(words)-1])
		e.recall.argAt, e.now.argued = at, len(word)
		return e.change(func() {
			e.cut(e.pos-min(e.pos, e.before.argued), e.pos)
			e.insert(word...)
		})
	}
	e.now.argued = e.before.argued
	return proceed
}
