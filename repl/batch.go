package repl

import (
	"bytes"
	"io"

	"wsx/client"
	"wsx/repl/render"
)

// batch shows messages on an Output where they are all that one goroutine shows until it flushes. It renders them into pages of
// its own, and takes the output's mutex once a page: for each short message that would be a quarter of all the work.
type batch struct {
	output   *Output
	only     render.Only
	messages render.Renderer
	out      page
	notes    *page // of messages that could not be shown; out, where both are the same terminal
}

// newBatch returns a batch that shows messages as the output does now. Nothing may change that while it is used.
func (d *Output) newBatch() (*batch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &batch{output: d, only: d.only}
	b.out.flush = b.flush
	b.notes = &b.out
	if d.errOut != d.out {
		b.notes = &page{flush: b.flush}
	}
	var err error
	b.messages, err = d.view.renderer(b.notes, d.work.context)
	return b, err
}

// show shows a message, or a fragment of one.
func (b *batch) show(e *client.Event) error {
	if !b.only.Passes(e) {
		return nil
	}
	return b.messages.Render(&b.out, *e)
}

// flush hands what was rendered to the output, and after it more of the same, which is not kept.
func (b *batch) flush(of *page, more []byte) error {
	b.output.mu.Lock()
	defer b.output.mu.Unlock()
	to := b.output.out
	if of != &b.out {
		to = b.output.errOut
	}
	_, err := to.Write(of.text.Bytes())
	of.text.Reset()
	if err == nil && len(more) > 0 {
		_, err = to.Write(more)
	}
	return outputError(err)
}

// end hands everything to the output.
func (b *batch) end() error {
	if b.notes != &b.out && b.notes.text.Len() > 0 {
		b.flush(b.notes, nil)
	}
	if b.out.text.Len() == 0 {
		return nil
	}
	return b.flush(&b.out, nil)
}

// page is text that is held back until there is enough of it.
type page struct {
	text  bytes.Buffer
	flush func(of *page, more []byte) error
}

var _ io.Writer = (*page)(nil)

func (p *page) Write(text []byte) (int, error) {
	if p.text.Len()+len(text) > pageSize {
		return len(text), p.flush(p, text)
	}
	return p.text.Write(text)
}
