package repl

import (
	"bufio"

	"wsx/client"
	"wsx/repl/render"
)

// batch shows messages on an Output where they are all that one goroutine shows until it flushes. It renders them into pages of
// its own, and takes the display once a page: for each short message that would be a quarter of all the work.
type batch struct {
	only     render.Only
	messages render.Renderer
	out      *bufio.Writer
	page     page          // of out
	notes    *bufio.Writer // of messages that could not be shown; out, where both are the same terminal
}

// newBatch returns a batch that shows messages as the output does now. Nothing may change that while it is used.
func (o *Output) newBatch() (*batch, error) {
	d := o.display.take()
	defer o.display.put(d)
	b := &batch{only: d.only, out: bufio.NewWriterSize(pageWriter{o, d.out}, batchPage)}
	b.page, b.notes = page{b.out}, b.out
	if d.errOut != d.out {
		b.notes = bufio.NewWriter(pageWriter{o, d.errOut})
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
	return outputError(b.messages.Render(b.page, *e))
}

// flush hands everything to the output.
func (b *batch) flush() error {
	if b.notes != b.out {
		b.notes.Flush()
	}
	return outputError(b.out.Flush())
}

// page is a buffer that writes what is longer than itself without copying it, also when it is not empty.
type page struct{ *bufio.Writer }

func (p page) Write(b []byte) (int, error) {
	if len(b) > p.Size() {
		p.Flush() // its error is that of the next call as well
	}
	return p.Writer.Write(b)
}

// pageWriter writes to a stream of a display.
type pageWriter struct {
	output *Output
	to     *bufio.Writer // of the display
}

func (w pageWriter) Write(p []byte) (int, error) {
	d := w.output.display.take()
	defer w.output.display.put(d)
	return w.to.Write(p)
}
