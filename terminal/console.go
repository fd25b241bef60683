package terminal

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// console is what the loop owns: the keys that were read, the line they make, the screen it is drawn on. It does
// no input or output of its own and asks no clock, so every moment of it can be tested.
type console struct {
	decoder   decoder
	editor    *editor
	secret    *secret // the secret that is being asked for; nil = none
	screen    screen
	pace      pace
	prints    *printBuffer
	keys      []key        // not yet pressed
	submitted []submission // not yet handed over

	prompt string
	more   string
	indent bool // more is blanks as wide as the prompt
	status string
	typedAhead
	colors Colors
	paint  func(string, int) []Span
	hint   func(string) string
	escape func() // for Ctrl-]; nil = the key does nothing

	active    bool // ReadLine was called: prompt and line are shown
	finishing bool // the next frames are the last
	released  bool // another program has the terminal
	dirty     bool // the view has changed since it was drawn
	fresh     bool // the next frame begins at the top of the screen
	bracketed bool // pastes are bracketed

	within  bool      // what was printed last ends in the middle of a line: no view can be drawn below it
	partial time.Time // when a line without an end was first seen
}

// newConsole is a console as the configuration wants it, on a screen of no size yet.
func newConsole(c Config, o *printBuffer) console {
	k := console{
		editor: newEditor(c), prints: o, pace: newPace(c.Frame), colors: c.Colors.checked(),
		paint: c.Paint, hint: c.Hint, escape: c.Escape, more: c.More, indent: c.More == "",
	}
	if c.ViMode {
		k.editor.vi = &vi{}
	}
	k.screen.noReflow = noReflow(c.Env)
	k.setPrompt(c.Prompt)
	return k
}

// noReflow reports whether the terminal leaves its rows as they are when its width changes.
func noReflow(env func(string) string) bool {
	term := env("TERM")
	return env("XTERM_VERSION") != "" || term == "linux" || strings.HasPrefix(term, "rxvt") || strings.HasPrefix(term, "screen")
}

// setPrompt changes the prompt and, when nothing else was asked for, what indents further rows.
func (c *console) setPrompt(s string) {
	c.prompt, c.dirty = s, true
	if c.indent {
		c.more = strings.Repeat(" ", uniseg.StringWidth(s))
	}
}

// takeSubmitted returns what was submitted since the last call.
func (c *console) takeSubmitted() []submission {
	all := c.submitted
	c.submitted = nil
	return all
}

// begin forgets what was drawn: the cursor is at the beginning of a fresh row.
func (c *console) begin() { c.screen.drawn, c.bracketed, c.dirty = drawn{}, false, true }

// finish makes the next frame the last: no prompt, but what was half typed can still be read.
func (c *console) finish() {
	c.takeBack(c.typedAhead.lines)
	if c.active && len(c.editor.text) > 0 {
		c.commit("")
	}
	c.cancelSecret(nil, ErrClosed)
	c.active, c.status, c.dirty, c.finishing = false, "", true, true
}

// input decodes the bytes of a read; press then runs the commands of the keys in it.
func (c *console) input(p []byte) { c.keys = append(c.keys, c.decoder.feed(p)...) }

// timeout ends a sequence that has waited for its end too long.
func (c *console) timeout() { c.keys = append(c.keys, c.decoder.timeout()...) }

// request is something that a key asks and only the loop can do.
type request = outcome

// press runs the commands of the keys, up to one whose request only the loop can do, or all of them.
func (c *console) press() request {
	for len(c.keys) > 0 {
		k := c.keys[0]
		c.keys = c.keys[1:]
		c.dirty = true
		did := proceed
		if c.secret != nil {
			did = c.pressSecret(k)
		} else {
			did = c.pressLine(k)
		}
		switch did {
		case proceed:
		case clear:
			c.fresh = true
		default:
			return did
		}
	}
	return proceed
}

// pressLine gives a key to the line and returns what is left for the loop.
func (c *console) pressLine(k key) request {
	if c.escape != nil && k == (key{code: ']', mod: ctrl}) {
		c.escape()
		return proceed
	}
	switch did := c.editor.key(k); did {
	case submit:
		c.submit()
	case interrupt:
		return c.interrupt()
	case end:
		c.submitted = append(c.submitted, submission{err: io.EOF})
	default:
		return did
	}
	return proceed
}

// pressSecret gives a key to the secret.
func (c *console) pressSecret(k key) request {
	e := c.secret.editor
	switch did := e.key(k); did {
	case submit:
		c.answerSecret(submission{line: e.folds.expand(e.text)}, "")
	case interrupt:
		c.answerSecret(submission{err: ErrInterrupt}, "^C")
	case end:
		c.answerSecret(submission{err: io.EOF}, "")
	default:
		return did
	}
	return proceed
}

// interrupt clears the line. On an empty line it is for the loop, at once and before the keys behind it.
func (c *console) interrupt() request {
	if len(c.editor.text) == 0 {
		c.submitted = append(c.submitted, submission{err: ErrInterrupt})
		return interrupt
	}
	c.commit("^C")
	c.editor.reset()
	return proceed
}

// commit makes the line part of the transcript, with a mark behind it.
func (c *console) commit(mark string) { c.prints.push(c.committed(mark)) }

// committed returns the line as the transcript shows it, with a mark behind it.
func (c *console) committed(mark string) []byte {
	v := c.lineView()
	v.pos, v.unbroken = len(v.text), true
	v.spans = c.spans(-1)
	l := layOut(v, c.screen.width)
	return append(emit(nil, l.cells, "\n"), mark+"\n"...)
}

// lineView returns the prompt and the line.
func (c *console) lineView() view {
	e := c.editor
	return view{
		prompt: c.prompt, more: c.more, text: e.text, pos: e.pos,
		label: e.folds.label, colors: c.colors, spans: c.spans(e.pos),
	}
}

// spans returns the styles of the parts of the line, in runes, with the cursor at pos.
func (c *console) spans(pos int) (spans []span) {
	text := c.editor.text
	if c.paint != nil && len(text) > 0 && c.secret == nil {
		offsets := byteOffsets(text)
		if pos >= 0 {
			pos = offsets[pos]
		}
		for _, s := range c.paint(string(text), pos) {
			from, _ := slices.BinarySearch(offsets, s.From)
			to, _ := slices.BinarySearch(offsets, s.To)
			spans = append(spans, span{from, to, s.Style.valid()})
		}
	}
	if from, to := c.editor.found(); to > from {
		spans = append(spans, span{from, to, c.colors.Match})
	}
	return spans
}

// view returns everything below the transcript.
func (c *console) view() view {
	v := c.lineView()
	if c.secret != nil {
		v = c.secretView()
	}
	v.below = append(v.below, c.typedAhead.rows(c.colors.Status)...)
	if c.status != "" {
		v.below = append(v.below, []piece{{c.status, c.colors.Status}})
	}
	v.suggestion = firstRow(c.editor.suggested())
	switch {
	case c.secret != nil:
		v.suggestion = ""
		return v
	case c.editor.search != nil:
		v.below = append(v.below, []piece{{c.editor.search.prompt(), c.colors.Hint}})
		return v
	case c.editor.menu != nil:
		v.below = append(v.below, c.editor.menu.rows(c.screen.width, c.screen.height, c.colors)...)
		return v
	case c.editor.vi != nil && c.editor.vi.normal:
		v.below = append(v.below, []piece{{"-- NORMAL --", c.colors.Hint}})
		return v
	}
	if hint := c.hints(); hint != "" {
		v.below = append(v.below, []piece{{hint, c.colors.Hint}})
	}
	return v
}

// hints returns what is expected next on the line.
func (c *console) hints() string {
	e := c.editor
	if e.pos > 0 && e.text[e.pos-1] >= foldBase {
		return "Ctrl-O opens what was pasted, Ctrl-X Ctrl-E edits it"
	}
	if e.now.continued {
		return "Enter again submits the line as it is"
	}
	if e.now.mistake != "" {
		return sanitize(e.now.mistake) + ": Enter again submits the line as it is"
	}
	if c.hint == nil || len(e.text) == 0 {
		return ""
	}
	return c.hint(e.folds.expand(e.text))
}

// restWait is how long the rest of a line is waited for before the line is ended for it.
const restWait = 100 * time.Millisecond

// due returns how long until the next frame should be drawn; ok is false when there is nothing to draw.
func (c *console) due(now time.Time) (wait time.Duration, ok bool) {
	if c.released {
		return 0, false
	}
	whole, part := c.prints.waiting()
	switch {
	case c.dirty || whole:
		return c.pace.wait(now), true
	case !part && !c.within:
		return 0, false
	case c.partial.IsZero():
		c.partial = now
	}
	return max(c.pace.wait(now), restWait-now.Sub(c.partial)), true
}

// transcribe appends what is to be printed. A line that does not end in time is ended.
func (c *console) transcribe(out []byte, now time.Time) []byte {
	late := c.released || c.finishing || !c.partial.IsZero() && now.Sub(c.partial) >= restWait
	before := len(out)
	out, within := c.prints.take(out, c.pace.limit, late)
	if len(out) > before {
		c.within, c.partial = within, time.Time{}
	} else if late && c.within {
		c.within, c.partial = false, time.Time{}
		out = append(out, "\r\n"...)
	}
	return out
}

// frame returns the next frame: everything since the last one in one piece. It is empty when nothing is to be seen.
func (c *console) frame(out []byte, now time.Time) []byte {
	out = append(out, beginFrame...)
	before := len(out)
	c.dirty = false
	out = c.screen.erase(out)
	if typing := !c.released && (c.active || c.secret != nil); typing != c.bracketed {
		c.bracketed = typing
		out = append(out, pasteMode(typing)...)
	}
	out = c.transcribe(out, now)
	if c.fresh {
		c.fresh = false
		out = c.screen.scroll(out)
	}
	if c.shows() {
		out = c.screen.draw(out, c.view())
	}
	if len(out) == before {
		return out[:0]
	}
	c.pace.last = now
	return append(out, endFrame...)
}

// pasteMode asks for bracketed pastes, or no longer.
func pasteMode(on bool) string {
	if on {
		return pasteOn
	}
	return pasteOff
}

// shows reports whether there is a view at all.
func (c *console) shows() bool {
	return !c.released && !c.within && (c.active || c.secret != nil || c.status != "")
}

// byteOffsets returns where each rune of a text begins as UTF-8, and where the text ends.
func byteOffsets(text []rune) []int {
	offsets := make([]int, 1, len(text)+1)
	for i, r := range text {
		offsets = append(offsets, offsets[i]+len(string(r)))
	}
	return offsets
}
