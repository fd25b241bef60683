package repl

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/errno"
	"wsx/repl/render"
)

// ErrOutputGone is the error when the reader of standard output has closed it. As the cause of a cancelled context it ends a session
// quietly.
var ErrOutputGone = errors.New("the reader of standard output has closed it")

// How much is buffered for one write to the output, in bytes. A page of a batch is longer than the buffer of the display, and shorter than a
// part of a long message, so that neither is copied into the next buffer.
const (
	batchPage = 60 << 10
	pageSize  = 32 << 10
)

// Output shows a session: messages on one stream, notes about it on another. Where both are the
// same terminal they share a buffer, and so keep their order. Its methods may be called by any goroutine. No lock is held while they
// render and write: a goroutine takes the display, and the next one waits for it.
type Output struct {
	display *turn[display]
	work    *work         // of the display, for Interrupt
	hinter  render.Hinter // of recordings
}

// NewOutput shows messages on out and notes on side. The rendering of a message that takes long ends soon after ctx.
func NewOutput(ctx context.Context, out, side io.Writer, view View, notes *render.Notes) (*Output, error) {
	d := &display{notes: notes, control: notes.Control, out: bufio.NewWriterSize(out, pageSize), work: newWork(ctx)}
	d.errOut = d.out
	if side != out {
		d.errOut = bufio.NewWriter(side)
	}
	return &Output{newTurn(d), d.work, notes.Hinter}, d.change(view)
}

// WrapNotes breaks notes between words to fit a screen of width columns.
func (o *Output) WrapNotes(width func() int) {
	d := o.display.take()
	defer o.display.put(d)
	d.width = width
}

// Change changes how messages are shown from now on. A view that does not work is refused, and nothing changes.
func (o *Output) Change(change func(*View)) error {
	d := o.display.take()
	defer o.display.put(d)
	view := d.view
	change(&view)
	return d.change(view)
}

// View returns how messages are shown at present.
func (o *Output) View() View {
	d := o.display.take()
	defer o.display.put(d)
	return d.view
}

// Recording returns the file of the recording, "" = nothing is recorded.
func (o *Output) Recording() string {
	d := o.display.take()
	defer o.display.put(d)
	if d.record == nil {
		return ""
	}
	return d.record.path
}

// Show shows an event, on the stream for its kind. Messages may be buffered until Flush.
func (o *Output) Show(e *client.Event) error {
	d := o.display.take()
	defer o.display.put(d)
	return d.show(e)
}

// Interrupt stops the rendering of a message that takes long, and reports whether there is one.
func (o *Output) Interrupt() bool { return o.work.interrupt() }

// Flush writes what is buffered.
func (o *Output) Flush() error {
	d := o.display.take()
	defer o.display.put(d)
	return d.flush()
}

// GoOn has the session go on when a recording cannot be written, as is right at a prompt, where the error is seen.
func (o *Output) GoOn() {
	d := o.display.take()
	defer o.display.put(d)
	d.goesOn = true
}

// Record writes every event to a file as well, from now on. Credentials are redacted unless secrets is set. If there is a
// connection already, its handshake stands at the beginning. To open a FIFO may wait, until ctx ends.
func (o *Output) Record(ctx context.Context, path string, secrets bool, connected *dial.Handshake) error {
	if err := o.StopRecord(); err != nil {
		return err
	}
	record, err := newRecorder(ctx, path, secrets, o.hinter)
	if err != nil {
		return err
	}
	d := o.display.take()
	defer o.display.put(d)
	d.record = record
	if connected == nil {
		return nil
	}
	return d.recordFailed(record.add(d.redact(client.Event{Kind: client.KindOpen, Time: time.Now(), Detail: connected})))
}

// StopRecord ends the recording, if there is one.
func (o *Output) StopRecord() error {
	d := o.display.take()
	defer o.display.put(d)
	return d.stopRecord()
}

// End shows how the session ended, and ends the recording. Nothing is shown after it. It returns the error of
// closing the recording.
func (o *Output) End(err error, sum *client.Summary) error {
	now := time.Now()
	if err != nil {
		o.Show(&client.Event{Kind: client.KindError, Time: now, Detail: err})
	}
	o.Show(&client.Event{Kind: client.KindEnd, Time: now, Detail: sum})
	o.Flush()
	return o.StopRecord()
}

// Error shows what is wrong with a line, and what to do about it. The session goes on.
func (o *Output) Error(err error) error {
	d := o.display.take()
	defer o.display.put(d)
	return d.noteError(err)
}

// Status shows lines of the program's own. Whatever the peer had a part in is escaped in them.
func (o *Output) Status(text string) error {
	d := o.display.take()
	defer o.display.put(d)
	return d.note(func(w io.Writer) error {
		_, err := w.Write(append(render.Sanitize(nil, []byte(d.hide(text))), '\n'))
		return err
	})
}

// Last returns the last message that was received, whole, as it is shown.
func (o *Output) Last() ([]byte, error) {
	d := o.display.take()
	defer o.display.put(d)
	return d.last()
}

// Print shows lines that are fit for the screen as they are.
func (o *Output) Print(text []byte) error {
	d := o.display.take()
	defer o.display.put(d)
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
