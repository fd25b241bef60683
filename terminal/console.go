package terminal

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// console is the state that the loop owns: the keys that were read, the line, the screen. It does no input or output and reads
// no clock, so that each step can be tested.
type console struct {
	decoder   decoder
	editor    *editor
	secret    *secret // the secret that is being asked for; nil = no secret is
	screen    screen
	pace      pace
	prints    *printBuffer
	keys      []key        // not handled yet
	submitted []submission // not queued for ReadLine yet

	config Config // with valid colours
	more   string // the indentation of the line's further rows
	status string
	typedAhead

	active      bool // ReadLine was called: prompt and line are shown
	closing     bool // the terminal is being closed: the next frames are the last
	released    bool // another program uses the terminal
	dirty       bool // the view has changed since it was drawn
	clearScreen bool // the next frame begins at the top of the screen
	bracketed   bool // pastes are bracketed

	midLine bool      // the last output ends in the middle of a line: the view cannot be drawn below it
	partial time.Time // when an unterminated line was first seen; zero = there is no such line
}

// newConsole returns a console for a configuration. The size of its screen is not set yet.
func newConsole(c Config, o *printBuffer) console {
	editor := newEditor(c)
	c.Colors = c.Colors.checked()
	return console{
		config: c, editor: editor, prints: o, pace: newPace(c.Frame), screen: screen{noReflow: noReflow(c.Env)}, dirty: true,
		more: strings.Repeat(" ", uniseg.StringWidth(c.Prompt)),
	}
}

// noReflow reports whether the terminal does not rewrap its rows when its width changes.
func noReflow(env func(string) string) bool {
	term := env("TERM")
	return env("XTERM_VERSION") != "" || term == "linux" || strings.HasPrefix(term, "rxvt") || strings.HasPrefix(term, "screen")
}

// popSubmitted returns what was submitted since the last call.
func (c *console) popSubmitted() []submission {
	all := c.submitted
	c.submitted = nil
	return all
}

// resetView discards what was drawn: the cursor is at the beginning of an empty row.
func (c *console) resetView() { c.screen.drawn, c.bracketed, c.dirty = drawn{}, false, true }

// prepareLastFrame makes the next frame the last one: without a prompt, but with the line that was being typed.
func (c *console) prepareLastFrame() {
	c.returnToPrompt(c.typedAhead.lines)
	if c.active && len(c.editor.text) > 0 {
		c.commit("")
	}
	c.cancelSecret(nil, ErrClosed)
	c.active, c.status, c.dirty, c.closing = false, "", true, true
}

// input decodes the bytes of a read; press then runs the commands of the keys in it.
func (c *console) input(p []byte) { c.keys = append(c.keys, c.decoder.feed(p)...) }

// timeout ends an incomplete escape sequence that has waited too long.
func (c *console) timeout() { c.keys = append(c.keys, c.decoder.timeout()...) }

// request is an outcome of a key that only the loop can handle.
type request = outcome

// press runs the commands of all keys, or up to the first request for the loop, which it returns.
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
			c.clearScreen = true
		default:
			return did
		}
	}
	return proceed
}

// pressLine handles a key of the line, and returns the request for the loop.
func (c *console) pressLine(k key) request {
	if c.config.Escape != nil && k == (key{code: ']', mod: ctrl}) {
		c.config.Escape()
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

// pressSecret handles a key while a secret is typed.
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

// interrupt clears the line. On an empty line it is a request for the loop, handled before later keys.
func (c *console) interrupt() request {
	if len(c.editor.text) == 0 {
		c.submitted = append(c.submitted, submission{err: ErrInterrupt})
		return interrupt
	}
	c.commit("^C")
	c.editor.reset()
	return proceed
}

// commit prints the line to the transcript, with a mark after it.
func (c *console) commit(mark string) { c.prints.push(c.committed(mark)) }

// committed returns the line as it is printed to the transcript, with a mark after it.
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
		prompt: c.config.Prompt, more: c.more, text: e.text, pos: e.pos,
		label: e.folds.label, colors: c.config.Colors, spans: c.spans(e.pos),
	}
}

// spans returns the styles of the parts of the line, in runes, with the cursor at pos.
func (c *console) spans(pos int) (spans []span) {
	text := c.editor.text
	if c.config.Paint != nil && len(text) > 0 && c.secret == nil {
		offsets := byteOffsets(text)
		if pos >= 0 {
			pos = offsets[pos]
		}
		for _, s := range c.config.Paint(string(text), pos) {
			from, _ := slices.BinarySearch(offsets, s.From)
			to, _ := slices.BinarySearch(offsets, s.To)
			spans = append(spans, span{from, to, s.Style.valid()})
		}
	}
	if from, to := c.editor.matchRange(); to > from {
		spans = append(spans, span{from, to, c.config.Colors.Match})
	}
	return spans
}

// view returns everything below the transcript.
func (c *console) view() view {
	v := c.lineView()
	if c.secret != nil {
		v = c.secretView()
	}
	v.below = append(v.below, c.typedAhead.rows(c.config.Colors.Status)...)
	if c.status != "" {
		v.below = append(v.below, []piece{{c.status, c.config.Colors.Status}})
	}
	v.suggestion = firstRow(c.editor.suggested())
	switch {
	case c.secret != nil:
		v.suggestion = ""
		return v
	case c.editor.search != nil:
		v.below = append(v.below, []piece{{c.editor.search.prompt(), c.config.Colors.Hint}})
		return v
	case c.editor.menu != nil:
		v.below = append(v.below, c.editor.menu.rows(c.screen.width, c.screen.height, c.config.Colors)...)
		return v
	case c.editor.vi != nil && c.editor.vi.normal:
		v.below = append(v.below, []piece{{"-- NORMAL --", c.config.Colors.Hint}})
		return v
	}
	if hint := c.hints(); hint != "" {
		v.below = append(v.below, []piece{{hint, c.config.Colors.Hint}})
	}
	return v
}

// hints returns the hint below the line; "" = no hint.
func (c *console) hints() string {
	e := c.editor
	if e.pos > 0 && isFold(e.text[e.pos-1]) {
		return "Ctrl-O opens what was pasted, Ctrl-X Ctrl-E edits it"
	}
	if e.now.continued {
		return "Enter again submits the line as it is"
	}
	if e.now.mistake != "" {
		return sanitize(e.now.mistake) + ": Enter again submits the line as it is"
	}
	if c.config.Hint == nil || len(e.text) == 0 {
		return ""
	}
	return c.config.Hint(e.folds.expand(e.text))
}

// lineTimeout is how long to wait for the rest of an unterminated line before it is terminated.
const lineTimeout = 100 * time.Millisecond

// due returns how long to wait until the next frame is to be drawn; ok is false if there is nothing to draw.
func (c *console) due(now time.Time) (wait time.Duration, ok bool) {
	if c.released {
		return 0, false
	}
	whole, part := c.prints.waiting()
	switch {
	case c.dirty || whole:
		return c.pace.wait(now), true
	case !part && !c.midLine:
		return 0, false
	case c.partial.IsZero():
		c.partial = now
	}
	return max(c.pace.wait(now), lineTimeout-now.Sub(c.partial)), true
}

// transcribe appends the output to print. A line that stays unterminated for lineTimeout is terminated.
func (c *console) transcribe(out []byte, now time.Time) []byte {
	expired := c.released || c.closing || !c.partial.IsZero() && now.Sub(c.partial) >= lineTimeout
	before := len(out)
	out, midLine := c.prints.pop(out, c.pace.limit, expired)
	if len(out) > before {
		c.midLine, c.partial = midLine, time.Time{}
	} else if expired && c.midLine {
		c.midLine, c.partial = false, time.Time{}
		out = append(out, "\r\n"...)
	}
	return out
}

// frame returns the next frame: all output and changes since the last one. It is empty if nothing has changed.
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
	if c.clearScreen {
		c.clearScreen = false
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

// pasteMode returns the sequence that turns bracketed paste on or off.
func pasteMode(on bool) string {
	if on {
		return pasteOn
	}
	return pasteOff
}

// shows reports whether the view is shown at all.
func (c *console) shows() bool {
	return !c.released && !c.midLine && (c.active || c.secret != nil || c.status != "")
}

// byteOffsets returns where each rune of a text begins as UTF-8, and where the text ends.
func byteOffsets(text []rune) []int {
	offsets := make([]int, 1, len(text)+1)
	for i, r := range text {
		offsets = append(offsets, offsets[i]+len(string(r)))
	}
	return offsets
}
