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

// display has the renderers, and the streams that they write to. It belongs to one goroutine at a time, which acquires it from
// the Output and releases it.
type display struct {
	view            View
	only            render.Only
	messages        render.Renderer
	notes           *render.Notes
	control         bool          // pings and pongs are shown, whatever only contains
	out             *bufio.Writer // messages
	errOut          *bufio.Writer // notes; out, where both are the same terminal
	record          *recorder     // nil = nothing is recorded
	secrets         []string      // texts that are hidden, the longest first
	continueOnError bool          // the session continues if a recording cannot be written
	rendering       *rendering
	width           func() int // columns of the screen that notes are wrapped for; nil = they are not
}

// change replaces the renderers by those of a view. If the view is invalid, nothing changes.
func (d *display) change(view View) error {
	only, err := render.NewOnly(view.Only)
	if err != nil {
		return err
	}
	messages, err := view.renderer(d.errOut, d.rendering.context)
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

// render writes an event to the stream of messages.
func (d *display) render(e *client.Event) error {
	if d.continueOnError {
		d.rendering.begin()
		defer d.rendering.end()
	}
	return outputError(d.messages.Render(d.out, *e))
}

// note writes a note, and flushes it. Messages shown before are flushed first; if that fails, the note is written all the same.
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

// recordFailed ends a recording that cannot be written. At a prompt the error is shown, and the session continues; otherwise it ends.
func (d *display) recordFailed(err error) error {
	if err == nil {
		return nil
	}
	d.record.file.Close()
	d.record = nil
	if !d.continueOnError {
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

// isFinal reports whether an event describes how the session ended. Such an event is shown even if something else has failed.
func isFinal(e *client.Event) bool { return e.Kind == client.KindError || e.Kind == client.KindEnd }

// isOptional reports whether a filter can hide an event that is not a message: a frame, a Ping, or a Pong without a round trip
// time.
func isOptional(e *client.Event) bool {
	return e.Kind == client.KindFrame || e.Kind == client.KindPing || e.Kind == client.KindPong && e.Detail == nil
}

// innermost returns the last renderer in a chain of filters.
func innermost(r render.Renderer) render.Renderer {
	for {
		passing, ok := r.(interface{ Beneath() render.Renderer })
		if !ok {
			return r
		}
		r = passing.Beneath()
	}
}
