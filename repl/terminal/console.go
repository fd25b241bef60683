package terminal

import (
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// console is what the loop owns: the keys that came, the line they make, the screen it is drawn on. It does
// no input or output of its own and asks no clock, so every moment of it can be tested.
type console struct {
	decoder   decoder
	editor    *editor
	screen    screen
	pace      pace
	outbox    *outbox
	prompt    string
	more      string
	status    string
	colors    Colors
	paint     func(string) []Span
	hint      func(string) string
	active    bool // somebody has asked for a line: prompt and line are shown
	dirty     bool // the view has changed since it was drawn
	said      []said
	rows      bool // more is blanks as wide as the prompt
	bracketed bool // pastes are bracketed
}

// newConsole is a console as the configuration wants it, on a screen of no size yet.
func newConsole(c Config, o *outbox) console {
	k := console{
		editor: newEditor(), outbox: o, pace: newPace(c.Frame), colors: c.Colors.checked(),
		paint: c.Paint, hint: c.Hint, more: c.More, rows: c.More == "",
	}
	k.screen.rigid = rigid(c.Env)
	k.setPrompt(c.Prompt)
	return k
}

// rigid says that the terminal leaves its rows as they are when its width changes.
func rigid(env func(string) string) bool {
	term := env("TERM")
	return env("XTERM_VERSION") != "" || term == "linux" || strings.HasPrefix(term, "rxvt") || strings.HasPrefix(term, "screen")
}

// setPrompt changes the prompt and, when nothing else was asked for, what indents further rows.
func (c *console) setPrompt(s string) {
	c.prompt, c.dirty = s, true
	if c.rows {
		c.more = strings.Repeat(" ", uniseg.StringWidth(s))
	}
}

// take hands over what was said since the last call.
func (c *console) take() []said {
	all := c.said
	c.said = nil
	return all
}

// begin forgets what was drawn: the cursor is at the beginning of a fresh row.
func (c *console) begin() { c.screen.drawn, c.bracketed, c.dirty = drawn{}, false, true }

// leave makes the next frame the last: no prompt, but what was half typed can still be read.
func (c *console) leave() {
	if c.active && len(c.editor.text) > 0 {
		c.commit("")
	}
	c.active, c.status, c.dirty = false, "", true
}

// input takes what a read brought and returns what the loop has to see to. Keys behind such a request wait.
func (c *console) input(p []byte) []request { return c.press(c.decoder.feed(p)) }

// timeout ends a sequence that has waited for its end too long.
func (c *console) timeout() []request { return c.press(c.decoder.timeout()) }

// request is something that a key asks and only the loop can do.
type request = outcome

func (c *console) press(keys []key) (requests []request) {
	for _, k := range keys {
		c.dirty = true
		switch did := c.editor.key(k); did {
		case submit:
			c.commit("")
			c.said = append(c.said, said{line: c.editor.take()})
		case interrupt:
			c.interrupt()
		case end:
			c.said = append(c.said, said{err: io.EOF})
		case carryOn:
		default:
			requests = append(requests, did)
		}
	}
	return requests
}

// interrupt clears the line. On an empty one it is for whoever reads lines, before all that was typed ahead.
func (c *console) interrupt() {
	if len(c.editor.text) == 0 {
		c.said = []said{{err: ErrInterrupt}}
		return
	}
	c.commit("^C")
	c.editor.take()
}

// commit makes the line part of the transcript, as it stands there, with a mark behind it.
func (c *console) commit(mark string) {
	v := c.lineView()
	v.pos = len(v.text)
	l := lay(v, c.screen.width)
	c.outbox.push(append(emitLines(nil, l.cells), mark+"\n"...))
}

// lineView is the prompt and the line.
func (c *console) lineView() view {
	e := c.editor
	return view{
		prompt: c.prompt, more: c.more, text: e.text, pos: e.pos,
		label: e.folds.label, colors: c.colors, spans: c.spans(),
	}
}

// spans are the looks of the parts of the line, in runes.
func (c *console) spans() []span {
	if c.paint == nil || len(c.editor.text) == 0 {
		return nil
	}
	text := c.editor.text
	at := func(offset int) int { return runesIn(text, offset) }
	var spans []span
	for _, s := range c.paint(string(text)) {
		spans = append(spans, span{at(s.From), at(s.To), s.Style.valid()})
	}
	return spans
}

// view is everything below the transcript.
func (c *console) view() view {
	v := c.lineView()
	if c.status != "" {
		v.below = append(v.below, []piece{{c.status, c.colors.Status}})
	}
	if c.hint != nil && len(c.editor.text) > 0 {
		if h := c.hint(c.editor.folds.expand(c.editor.text)); h != "" {
			v.below = append(v.below, []piece{{h, c.colors.Hint}})
		}
	}
	return v
}

// due is how long until the next frame should be drawn; ok is false when there is nothing to draw.
func (c *console) due(now time.Time) (wait time.Duration, ok bool) {
	if !c.dirty && c.outbox.empty() {
		return 0, false
	}
	return c.pace.wait(now), true
}

// frame is the next frame: everything since the last one in one piece.
func (c *console) frame(out []byte, now time.Time) []byte {
	c.pace.last = now
	c.dirty = false
	out = append(out, beginFrame...)
	out = c.screen.erase(out)
	if c.active != c.bracketed {
		c.bracketed = c.active
		out = append(out, pasteMode(c.active)...)
	}
	out = c.outbox.take(out, c.pace.limit)
	if c.shows() {
		out = c.screen.draw(out, c.view())
	}
	return append(out, endFrame...)
}

// pasteMode asks for bracketed pastes, or no longer.
func pasteMode(on bool) string {
	if on {
		return pasteOn
	}
	return pasteOff
}

// shows says whether there is a view at all.
func (c *console) shows() bool { return c.active || c.status != "" }

// emitLines is emit with newlines alone, for the outbox.
func emitLines(out []byte, cells []cell) []byte {
	var style Style
	for _, cell := range cells {
		out = appendStyle(out, style, cell.style)
		style = cell.style
		if cell.newline {
			out = append(out, '\n')
		}
		out = append(out, cell.text...)
	}
	return appendStyle(out, style, "")
}

// runesIn is how many runes the first bytes of a text make.
func runesIn(text []rune, bytes int) int {
	for i, r := range text {
		if bytes <= 0 {
			return i
		}
		bytes -= len(string(r))
	}
	return len(text)
}
