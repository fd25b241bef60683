package repl

import (
	"bufio"

	"wsx/client"
	"wsx/repl/render"
)

// batch shows messages on an Output where they are all that one goroutine shows until it flushes. It renders them into pages of
// its own, and takes the output's mutex once a page: for each short message that would be a quarter of all the work.
type batch struct {
	only     render.Only
	messages render.Renderer
	out      *bufio.Writer
	notes    *bufio.Writer // of messages that could not be shown; out, where both are the same terminal
}

// newBatch returns a batch that shows messages as the output does now. Nothing may change that while it is used.
func (d *Output) newBatch() (*batch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &batch{only: d.only, out: bufio.NewWriterSize(pageWriter{d, d.out}, pageSize)}
	b.notes = b.out
	if d.errOut != d.out {
		b.notes = bufio.NewWriter(pageWriter{d, d.errOut})
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
	return outputError(b.messages.Render(b.out, *e))
}

// flush hands everything to the output.
func (b *batch) flush() error {
	if b.notes != b.out {
		b.notes.Flush()
	}
	return outputError(b.out.Flush())
}

// pageWriter writes to a stream of an output.
type pageWriter struct {
	output *Output
	to     *bufio.Writer
}

func (w pageWriter) Write(p []byte) (int, error) {
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	return w.to.Write(p)
}
