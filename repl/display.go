package repl

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"wsx/client"
	"wsx/repl/render"
	"wsx/terminal"
)

// display is what shows events: the renderers, and the streams that they write to. It belongs to one goroutine at a time, which takes
// it from the Output and puts it back.
type display struct {
	view     View
	only     render.Only
	messages render.Renderer
	notes    *render.Notes
	control  bool          // pings and pongs are shown, whatever only says
	out      *bufio.Writer // messages
	errOut   *bufio.Writer // notes; out, where both are the same terminal
	record   *recorder     // nil = nothing is recorded
	secrets  []string      // texts that are hidden, the longest first
	goesOn   bool          // the session goes on when a recording cannot be written
	work     *work
	width    func() int // columns of the screen that notes are wrapped for; nil = they are not
}

// change replaces the renderers by those of a view. A view that does not work is refused, and nothing changes.
func (d *display) change(view View) error {
	only, err := render.NewOnly(view.Only)
	if err != nil {
		return err
	}
	messages, err := view.renderer(d.errOut, d.work.context)
	if err != nil {
		return err
	}
	if before, ok := innermost(d.messages).(*render.Pretty); ok {
		if now, ok := innermost(messages).(*render.Pretty); ok {
			now.Inherit(before)
		}
	}
	d.view, d.only, d.messages = view, only, messages
	d.notes.Control = d.control || only.ShowsControl() && view.Format != "json"
	return nil
}

// show shows an event.
func (d *display) show(e *client.Event) error {
	if len(d.secrets) > 0 {
		redacted := d.redact(*e)
		e = &redacted
	}
	var failed error
	if d.record != nil {
		failed = d.recordFailed(d.record.add(*e))
	}
	passes := d.only.Passes(e)
	if passes && (failed == nil || isFinal(e)) {
		failed = errors.Join(failed, d.render(e))
	}
	if e.Kind == client.KindMessage {
		if d.notes.Trace {
			d.notes.Render(io.Discard, *e) // it writes nothing about a message
		}
		return failed
	}
	if failed != nil && !isFinal(e) || !passes && isOptional(e) {
		return failed
	}
	return errors.Join(failed, d.note(func(w io.Writer) error { return d.notes.Render(w, *e) }))
}

// render shows an event where messages are shown.
func (d *display) render(e *client.Event) error {
	if d.goesOn {
		d.work.begin()
		defer d.work.end()
	}
	return outputError(d.messages.Render(d.out, *e))
}

// note writes what is not a message. It does not wait for a flush, and what was shown before it is flushed first. If that
// fails, the note is written all the same.
func (d *display) note(write func(io.Writer) error) error {
	var unwritten error
	if d.errOut != d.out {
		unwritten = outputError(d.out.Flush())
	}
	if err := write(d.noteWriter()); err != nil {
		return err
	}
	if err := d.errOut.Flush(); err != nil {
		return err
	}
	return unwritten
}

// noteWriter returns where notes are written; each write has whole lines.
func (d *display) noteWriter() io.Writer {
	if d.width == nil {
		return d.errOut
	}
	return wrapper{d.errOut, d.width()}
}

// wrapper breaks lines between words.
type wrapper struct {
	out   io.Writer
	width int
}

func (w wrapper) Write(p []byte) (int, error) {
	_, err := w.out.Write(terminal.Wrap(p, w.width))
	return len(p), err
}

// noteError shows an error, and what to do about it.
func (d *display) noteError(err error) error {
	err = d.hideError(err)
	return d.note(func(w io.Writer) error {
		text := append(render.SanitizeLine([]byte(d.notes.Theme.Error.Paint("error:")+" "), err.Error()), '\n')
		if hint := d.notes.Hinter.Hint(err); hint != "" {
			text = append(render.SanitizeLine(append(text, d.notes.Theme.Hint.Paint("hint:")+" "...), hint), '\n')
		}
		_, err := w.Write(text)
		return err
	})
}

// flush writes what is buffered.
func (d *display) flush() error {
	if d.errOut.Buffered() > 0 && d.errOut != d.out {
		d.errOut.Flush() // notes of messages that could not be shown
	}
	if d.record != nil {
		if err := d.recordFailed(d.record.flush()); err != nil {
			return err
		}
	}
	if d.out.Buffered() == 0 {
		return nil
	}
	return outputError(d.out.Flush())
}

// recordFailed ends a recording that cannot be written. At a prompt the error is shown, and the session goes on; else it ends.
func (d *display) recordFailed(err error) error {
	if err == nil {
		return nil
	}
	d.record.file.Close()
	d.record = nil
	if !d.goesOn {
		return err
	}
	return d.noteError(err)
}

// stopRecord ends the recording, if there is one.
func (d *display) stopRecord() error {
	if d.record == nil {
		return nil
	}
	record := d.record
	d.record = nil
	return record.close()
}

// last returns the last message that was received, whole, as it is shown.
func (d *display) last() ([]byte, error) {
	keeper, ok := innermost(d.messages).(*render.Pretty)
	if !ok {
		return nil, errors.New("only the format pretty keeps the last message; /format pretty switches to it")
	}
	var text bytes.Buffer
	err := keeper.RenderLast(&text)
	return text.Bytes(), err
}

// isFinal reports whether an event is about how the session ended. It is shown if possible, though something else failed.
func isFinal(e *client.Event) bool { return e.Kind == client.KindError || e.Kind == client.KindEnd }

// isOptional reports whether an event is a frame that may be left out: how a connection ends and how long a round
// trip took are shown whatever else is left out.
func isOptional(e *client.Event) bool {
	return e.Kind == client.KindFrame || e.Kind == client.KindPing || e.Kind == client.KindPong && e.Detail == nil
}

// innermost returns the renderer that shows what others pass on.
func innermost(r render.Renderer) render.Renderer {
	for {
		passing, ok := r.(interface{ Beneath() render.Renderer })
		if !ok {
			return r
		}
		r = passing.Beneath()
	}
}
