package repl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/errno"
	"wsx/repl/render"
	"wsx/terminal"
)

// ErrOutputGone is the error when the reader of standard output has closed it. As the cause of a cancelled context it ends a session
// quietly.
var ErrOutputGone = errors.New("the reader of standard output has gone")

// pageSize is how much is buffered for one write to the output, in bytes.
const pageSize = 64 << 10

// Output shows a session: messages on one stream, notes about it on another. Where both are the
// same terminal they share a page, and so keep their order.
type Output struct {
	mu       sync.Mutex // guards the fields below
	view     View
	only     render.Only
	messages render.Renderer
	notes    *render.Notes
	control  bool          // pings and pongs are shown, whatever only says
	out      *bufio.Writer // messages
	errOut   *bufio.Writer // notes
	record   *recorder     // nil = nothing is recorded
	secrets  []string      // texts that are not shown in what is sent
	goesOn   bool          // the session goes on when a recording cannot be written
	work     *work
	width    func() int // columns of the screen that notes are wrapped for; nil = they are not
}

// WrapNotes breaks notes between words to fit a screen of width columns.
func (d *Output) WrapNotes(width func() int) { d.width = width }

// noteWriter is where notes are written; each write has whole lines.
func (d *Output) noteWriter() io.Writer {
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

// NewOutput shows messages on out and notes on side. The rendering of a message that takes long ends soon after ctx.
func NewOutput(ctx context.Context, out, side io.Writer, view View, notes *render.Notes) (*Output, error) {
	d := &Output{notes: notes, control: notes.Control, out: bufio.NewWriterSize(out, pageSize), work: newWork(ctx)}
	d.errOut = d.out
	if side != out {
		d.errOut = bufio.NewWriter(side)
	}
	return d, d.Change(func(v *View) { *v = view })
}

// Change changes how messages are shown from now on. A view that does not work is refused, and nothing changes.
func (d *Output) Change(change func(*View)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	view := d.view
	change(&view)
	only, err := render.NewOnly(view.Only)
	if err != nil {
		return err
	}
	renderer, err := view.renderer(d.errOut, d.work.context)
	if err != nil {
		return err
	}
	if before, ok := innermost(d.messages).(*render.Pretty); ok {
		if now, ok := innermost(renderer).(*render.Pretty); ok {
			now.Inherit(before)
		}
	}
	d.view, d.only, d.messages = view, only, renderer
	d.notes.Control = d.control || only.ShowsControl() && view.Format != "json"
	return nil
}

// View is how messages are shown at present.
func (d *Output) View() View {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.view
}

// Recording returns the file of the recording, "" = nothing is recorded.
func (d *Output) Recording() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record == nil {
		return ""
	}
	return d.record.path
}

// Show shows an event, on the stream for its kind. Messages may be buffered until Flush.
func (d *Output) Show(e *client.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
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
func (d *Output) render(e *client.Event) error {
	if d.goesOn {
		d.work.begin()
		defer d.work.end()
	}
	return outputError(d.messages.Render(d.out, *e))
}

// Interrupt stops the rendering of a message that takes long, and reports whether there is one. It is for any goroutine.
func (d *Output) Interrupt() bool { return d.work.interrupt() }

// isFinal reports whether an event is about how the session ended. It is shown if possible, though something else failed.
func isFinal(e *client.Event) bool { return e.Kind == client.KindError || e.Kind == client.KindEnd }

// recordFailed ends a recording that cannot be written. At a prompt the error is shown, and the session goes on; else it ends.
func (d *Output) recordFailed(err error) error {
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

// isOptional reports whether an event is a frame that may be left out: how a connection ends and how long a round
// trip took are shown whatever else is left out.
func isOptional(e *client.Event) bool {
	return e.Kind == client.KindFrame || e.Kind == client.KindPing || e.Kind == client.KindPong && e.Detail == nil
}

// note writes what is not a message. It does not wait for Flush, and what was shown before it is flushed first. If that
// fails, the note is written all the same.
func (d *Output) note(write func(io.Writer) error) error {
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

// Flush writes what is buffered.
func (d *Output) Flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
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

// GoOn has the session go on when a recording cannot be written, as is right at a prompt, where the error is seen.
func (d *Output) GoOn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.goesOn = true
}

// Record writes every event to a file as well, from now on. Credentials are redacted unless secrets is set. If there is a
// connection already, its handshake stands at the beginning. To open a FIFO may wait, until ctx ends.
func (d *Output) Record(ctx context.Context, path string, secrets bool, connected *dial.Handshake) error {
	if err := d.StopRecord(); err != nil {
		return err
	}
	record, err := newRecorder(ctx, path, secrets, d.notes.Hinter)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record = record
	if connected == nil {
		return nil
	}
	return d.recordFailed(record.add(d.redact(client.Event{Kind: client.KindOpen, Time: time.Now(), Detail: connected})))
}

// StopRecord ends the recording, if there is one.
func (d *Output) StopRecord() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record == nil {
		return nil
	}
	record := d.record
	d.record = nil
	return record.close()
}

// End shows how the session ended, and ends the recording. Nothing is shown after it. It returns the error of
// closing the recording.
func (d *Output) End(err error, sum *client.Summary) error {
	now := time.Now()
	if err != nil {
		d.Show(&client.Event{Kind: client.KindError, Time: now, Detail: err})
	}
	d.Show(&client.Event{Kind: client.KindEnd, Time: now, Detail: sum})
	d.Flush()
	return d.StopRecord()
}

// Error shows what is wrong with a line, and what to do about it. The session goes on.
func (d *Output) Error(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.noteError(err)
}

func (d *Output) noteError(err error) error {
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

// Status shows lines of our own. Whatever the other side had a part in is escaped in them.
func (d *Output) Status(text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func(w io.Writer) error {
		_, err := w.Write(append(render.Sanitize(nil, []byte(d.hide(text))), '\n'))
		return err
	})
}

// Last returns the last message that was received, whole, as it is shown.
func (d *Output) Last() ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	keeper, ok := innermost(d.messages).(interface{ RenderLast(io.Writer) error })
	if !ok {
		return nil, errors.New("only the format pretty keeps the last message: /format pretty")
	}
	var text bytes.Buffer
	err := keeper.RenderLast(&text)
	return text.Bytes(), err
}

// innermost is the renderer that shows what others pass on.
func innermost(r render.Renderer) render.Renderer {
	for {
		passing, ok := r.(interface{ Beneath() render.Renderer })
		if !ok {
			return r
		}
		r = passing.Beneath()
	}
}

// Print shows lines that are fit for the screen as they are.
func (d *Output) Print(text []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func(io.Writer) error {
		_, err := d.errOut.Write(text)
		return err
	})
}

// outputError distinguishes a reader that has closed the pipe from other errors, such as a full disk.
func outputError(err error) error {
	if errno.IsClosedPipe(err) {
		return ErrOutputGone
	}
	if err != nil {
		return &OutputError{err}
	}
	return nil
}

// OutputError is the error when messages cannot be written.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "write standard output: " + e.Err.Error() }

func (e *OutputError) Unwrap() error { return e.Err }
