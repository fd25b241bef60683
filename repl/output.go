package repl

import (
	"bufio"
	"context"
	"io"
	"os"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl/render"
)

// Output shows a session: messages on one stream, notes on another. If both are the same terminal they share a buffer, which
// keeps their order. Any goroutine may call its methods: the display belongs to one goroutine at a time, and others wait for it
// without a lock.
type Output struct {
	display   *exclusive[display]
	rendering *rendering    // of the display, for Interrupt
	hinter    render.Hinter // of recordings
}

// NewOutput returns an Output that shows messages on out and notes on side. Rendering is interrupted soon after ctx ends.
func NewOutput(ctx context.Context, out, side io.Writer, view View, notes *render.Notes) (*Output, error) {
	d := &display{notes: notes, control: notes.Control, out: bufio.NewWriterSize(out, pageSize), rendering: newRendering(ctx)}
	d.errOut = d.out
	if side != out {
		d.errOut = bufio.NewWriter(side)
	}
	return &Output{newExclusive(d), d.rendering, notes.Hinter}, d.change(view)
}

// WrapNotes wraps notes between words to fit a screen of width columns.
func (o *Output) WrapNotes(width func() int) {
	d := o.display.acquire()
	defer o.display.release(d)
	d.width = width
}

// Change changes how messages are shown from now on. If the new view is invalid, it returns an error and nothing changes.
func (o *Output) Change(change func(*View)) error {
	d := o.display.acquire()
	defer o.display.release(d)
	view := d.view
	change(&view)
	return d.change(view)
}

// View returns how messages are shown at present.
func (o *Output) View() View {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.view
}

// Recording returns the file of the recording, "" = nothing is recorded.
func (o *Output) Recording() string {
	d := o.display.acquire()
	defer o.display.release(d)
	if d.record == nil {
		return ""
	}
	return d.record.path
}

// Show shows an event on the stream for its kind. Messages may be buffered until Flush.
func (o *Output) Show(e *client.Event) error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.show(e)
}

// Interrupt stops the rendering of a message that takes long, and reports whether there is one.
func (o *Output) Interrupt() bool { return o.rendering.interrupt() }

// Flush writes what is buffered.
func (o *Output) Flush() error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.flush()
}

// ContinueOnError makes the session continue when a recording cannot be written. At a prompt the error is shown.
func (o *Output) ContinueOnError() {
	d := o.display.acquire()
	defer o.display.release(d)
	d.continueOnError = true
}

// Record also writes every event to a file from now on. Credentials are redacted unless secrets is set. If connected is not
// nil, the recording begins with that handshake. It takes the place of a recording that is being made, unless the file cannot be opened.
// Opening a FIFO may block, until ctx ends.
func (o *Output) Record(ctx context.Context, path string, secrets bool, connected *dial.Handshake) error {
	if o.isRecordedTo(path) { // opening it truncates it
		if err := o.StopRecord(); err != nil {
			return err
		}
	}
	record, err := newRecorder(ctx, path, secrets, o.hinter)
	if err != nil {
		return err
	}
	d := o.display.acquire()
	defer o.display.release(d)
	err = d.stopRecord()
	if d.record = record; err != nil {
		return err
	}
	if connected == nil {
		return nil
	}
	return d.recordFailed(record.add(d.redact(client.Event{Kind: client.KindOpen, Time: time.Now(), Detail: connected})))
}

// isRecordedTo reports whether a path is that of the file of the recording, by whatever name.
func (o *Output) isRecordedTo(path string) bool {
	d := o.display.acquire()
	defer o.display.release(d)
	if d.record == nil {
		return false
	}
	recorded, err := d.record.file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(recorded, named)
}

// StopRecord ends the recording, if there is one.
func (o *Output) StopRecord() error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.stopRecord()
}

// End shows how the session ended, and ends the recording. Nothing is shown after it. It returns the error of
// closing the recording.
func (o *Output) End(err error, end *render.End) error {
	now := time.Now()
	if err != nil {
		o.Show(&client.Event{Kind: client.KindError, Time: now, Detail: err})
	}
	o.Show(&client.Event{Kind: client.KindEnd, Time: now, Detail: end})
	o.Flush()
	return o.StopRecord()
}

// Error shows the error of a line, with its hint.
func (o *Output) Error(err error) error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.noteError(err)
}

// Status shows a note. Control characters in it are escaped, since it may contain text from the peer.
func (o *Output) Status(text string) error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.note(func(w io.Writer) error {
		_, err := w.Write(append(render.Sanitize(nil, []byte(d.hide(text))), '\n'))
		return err
	})
}

// Last returns the last message that was received, whole, as it is shown.
func (o *Output) Last() ([]byte, error) {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.last()
}

// Print shows text that is already escaped.
func (o *Output) Print(text []byte) error {
	d := o.display.acquire()
	defer o.display.release(d)
	return d.note(func(io.Writer) error {
		_, err := d.errOut.Write(text)
		return err
	})
}
