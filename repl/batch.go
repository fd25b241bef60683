package repl

import (
	"bufio"

	"wsx/client"
	"wsx/repl/render"
)

// batch shows messages on an Output if one goroutine shows nothing but messages until it flushes. It renders them into buffers
// of its own and acquires the display once for each full buffer, since for each short message that would be a quarter of all
// the work.
type batch struct {
	only     render.Only
	messages render.Renderer
	out      *bufio.Writer
	page     page          // of out
	notes    *bufio.Writer // of messages that could not be shown; out, where both are the same terminal
}

// newBatch returns a batch that shows messages in the present view. The view must not change while the batch is used.
func (o *Output) newBatch() (*batch, error) {
	d := o.display.acquire()
	defer o.display.release(d)
	b := &batch{only: d.only, out: bufio.NewWriterSize(pageWriter{o, d.out}, batchPage)}
	b.page, b.notes = page{b.out}, b.out
	if d.errOut != d.out {
		b.notes = bufio.NewWriter(pageWriter{o, d.errOut})
	}
	var err error
	b.messages, err = d.view.renderer(b.notes, d.rendering.context)
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

// pageWriter acquires the display and writes to one of its streams.
type pageWriter struct {
	output *Output
	to     *bufio.Writer // of the display
}

func (w pageWriter) Write(p []byte) (int, error) {
	d := w.output.display.acquire()
	defer w.output.display.release(d)
	return w.to.Write(p)
}
