package terminal

import (
	"slices"
	"unicode"
)

// editor turns keys into a line. It knows nothing of the screen, and does one thing at a time.
type editor struct {
	line
	folds   folds
	undo    undo
	kills   kills
	keys    keymap
	prefix  key  // C-x, when it was the last key
	literal bool // the next key is taken as it is
}

// outcome is what a key asks of those around the editor.
type outcome uint8

const (
	carryOn   outcome = iota
	submit            // the line is done
	interrupt         // Ctrl-C
	end               // Ctrl-D on an empty line
	suspend           // Ctrl-Z
	clear             // Ctrl-L: begin a fresh screen
	compose           // the line goes to $EDITOR
)

func newEditor() *editor { return &editor{keys: emacs()} }

// key does what the key is bound to.
func (e *editor) key(k key) outcome {
	if e.literal {
		e.literal = false
		return e.run(func(e *editor) outcome { return e.verbatim(k) })
	}
	if k.code == keyPaste {
		return e.run(func(e *editor) outcome { return e.paste(k.text) })
	}
	c := e.keys.find(e.prefix, k)
	alone := e.prefix == key{}
	e.prefix = key{}
	switch {
	case c != nil:
		return e.run(c)
	case alone && k.printable():
		e.typed(k.code)
	}
	return carryOn
}

// run calls a command. What it does is one change.
func (e *editor) run(c command) outcome {
	e.kills.step()
	e.undo.typing = false
	return c(e)
}

func (e *editor) typed(r rune) {
	e.kills.step()
	e.undo.saveTyping(e.line)
	e.insert(r)
	if unicode.IsSpace(r) {
		e.undo.typing = false
	}
}

// set exchanges the whole line, cursor at the end.
func (e *editor) set(text []rune) {
	e.undo.save(e.line)
	e.text, e.pos = slices.Clone(text), len(text)
}

// take gives the line away and begins a new one.
func (e *editor) take() string {
	s := e.folds.expand(e.text)
	e.line = line{}
	e.undo.forget()
	e.prefix, e.literal = key{}, false
	e.folds.keep(e.kills.ring)
	return s
}
