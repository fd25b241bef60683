package terminal

import "unicode"

// editor edits a line with keys. It does not know the screen.
type editor struct {
	line
	folds       folds
	undo        undo
	kills       kills
	recall      recall
	search      *search // nil when no search is open
	menu        *menu   // nil when no menu is open
	vi          *vi     // nil = the keys are those of Emacs alone
	config      Config
	suggestion  suggestion
	keys        keymap
	prefix      key     // C-x, when it was the last key
	literal     bool    // the next key is inserted as it is
	before, now effects // what the last command did, and what this one does
}

// effects are the effects of a command that the next one depends on.
type effects struct {
	killed    bool
	yanked    int    // how many runes it inserted from the kills
	argued    int    // how many runes of an older line's last argument it inserted
	continued bool   // Enter inserted a newline, since the line is incomplete
	mistake   string // that Enter has found in the line instead of submitting it; "" = no mistake
}

// vi is the state of vi mode: counts, operators and motions of commands in normal mode. In insert mode the keys are those of
// Emacs.
type vi struct {
	normal      bool
	count       int
	op          rune // d, c or y, waiting for a motion
	opCount     int
	pending     rune // f, F, t, T or r, waiting for a character
	seekCommand rune // the last f, F, t or T, and its character
	seekTarget  rune
	keys        []key // of the current command, and of the text inserted by it
	changes     bool  // it changes the line
	dot         []key // of the last command that changed the line
	replaying   bool  // the keys in dot are being repeated
}

// command is an editing command that a key is bound to.
type command func(*editor) outcome

// chord is one key, or two, of which the first is a prefix.
type chord struct{ first, second key }

// keymap maps chords to commands.
type keymap map[chord]command

// find returns the command of a key after a prefix. A named key with Shift has the command without Shift, unless it has its
// own.
func (m keymap) find(prefix, k key) command {
	if k.code >= ' ' {
		k.mod &^= shift
	}
	if c := m[chord{prefix, k}]; c != nil {
		return c
	}
	k.mod &^= shift
	return m[chord{prefix, k}]
}

// key runs the command of a key.
func (e *editor) key(k key) outcome {
	switch {
	case e.search != nil:
		return e.searchKey(k)
	case e.menu != nil:
		return e.menuKey(k)
	case e.vi != nil:
		return e.viKey(k)
	}
	return e.lineKey(k)
}

// lineKey handles a key of the Emacs keymap.
func (e *editor) lineKey(k key) outcome {
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
	return proceed
}

// startCommand resets the effects before a command.
func (e *editor) startCommand() { e.before, e.now = e.now, effects{} }

// run runs a command, whose changes are undone together.
func (e *editor) run(c command) outcome {
	e.startCommand()
	e.undo.typing = false
	return c(e)
}

// undoByWords is the length up to which each word of a line is a separate change to undo, in runes.
const undoByWords = 4096

func (e *editor) typed(r rune) {
	e.startCommand()
	e.undo.saveTyping(e.line)
	e.insert(r)
	if unicode.IsSpace(r) && len(e.text) < undoByWords {
		e.undo.typing = false
	}
}

// submit returns the line, adds it to the history, and begins a new one.
func (e *editor) submit() string {
	s := e.folds.expand(e.text)
	e.recall.history.Add(s, e.config.Secret != nil && e.config.Secret(s)) // an error of the history does not prevent the submission
	e.reset()
	return s
}

// reset begins a new line.
func (e *editor) reset() {
	e.line = line{}
	e.undo = undo{}
	e.recall.reset()
	e.prefix, e.literal = key{}, false
	e.search, e.menu = nil, nil
	if e.vi != nil {
		*e.vi = vi{dot: e.vi.dot, seekCommand: e.vi.seekCommand, seekTarget: e.vi.seekTarget}
	}
	e.folds.keep(e.kills.ring)
}
