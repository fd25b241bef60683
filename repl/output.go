package repl

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
	"syscall"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/repl/render"
)

// ErrOutputGone says that who read our standard output does not any more. As the cause of a cancelled context it
// ends a conversation quietly.
var ErrOutputGone = errors.New("the reader of standard output has gone")

// pageSize is how much is held back for one write to the output, in bytes.
const pageSize = 64 << 10

// Output is where a conversation is seen: messages on one side, notes about them on the other. Where both are the
// same terminal they share a page, and so keep their order.
type Output struct {
	mu       sync.Mutex // guards what follows
	view     View
	only     render.Only
	messages render.Renderer
	notes    *render.Notes
	control  bool          // pings and pongs are shown, whatever only says
	out      *bufio.Writer // messages
	errOut   *bufio.Writer // notes
	record   *recorder     // nil = nothing is recorded
	secrets  []string      // texts that are not shown in what is sent
}

// NewOutput shows messages on out and notes on side.
func NewOutput(out, side io.Writer, look View, notes *render.Notes) (*Output, error) {
	d := &Output{notes: notes, control: notes.Control, out: bufio.NewWriterSize(out, pageSize)}
	d.errOut = d.out
	if side != out {
		d.errOut = bufio.NewWriter(side)
	}
	return d, d.Change(func(l *View) { *l = look })
}

// Change changes how messages are shown from now on. A look that cannot be had is refused, and nothing changes.
func (d *Output) Change(change func(*View)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	look := d.view
	change(&look)
	only, err := render.NewOnly(look.Only)
	if err != nil {
		return err
	}
	renderer, err := look.renderer(d.errOut)
	if err != nil {
		return err
	}
	if before, ok := innermost(d.messages).(*render.Pretty); ok {
		if now, ok := innermost(renderer).(*render.Pretty); ok {
			now.Inherit(before)
		}
	}
	d.view, d.only, d.messages = look, only, renderer
	d.notes.Control = d.control || only.ShowsControl() && look.Format != "json"
	return nil
}

// Lock takes the display for one goroutine, which shows with ShowHeld, until Release.
func (d *Output) Lock() { d.mu.Lock() }

// Unlock gives the display back.
func (d *Output) Unlock() { d.mu.Unlock() }

// Show puts an event where it belongs. Messages may be held back until Flush.
func (d *Output) Show(e *client.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ShowLocked(e)
}

// ShowLocked is Show between Hold and Release.
func (d *Output) ShowLocked(e *client.Event) error {
	if len(d.secrets) > 0 {
		redacted := d.redact(*e)
		e = &redacted
	}
	if d.record != nil {
		if err := d.record.add(*e); err != nil {
			return err
		}
	}
	passes := d.only.Passes(e)
	if passes {
		if err := d.messages.Render(d.out, *e); err != nil {
			return outputError(err)
		}
	}
	if e.Kind == client.KindMessage || !passes && isOptional(e) {
		return nil
	}
	return d.note(func() error { return d.notes.Render(d.errOut, *e) })
}

// isOptional says whether an event is a frame that nobody has to be told of: how a connection ends and how long a round
// trip took are told whatever else is left out.
func isOptional(e *client.Event) bool {
	return e.Kind == client.KindFrame || e.Kind == client.KindPing || e.Kind == client.KindPong && e.Detail == nil
}

// note writes what is not a message. It does not wait for Flush, and what stands before it is put out first. That a
// message could not be put out keeps nobody from being told so.
func (d *Output) note(write func() error) error {
	var unsaid error
	if d.errOut != d.out {
		unsaid = outputError(d.out.Flush())
	}
	if err := write(); err != nil {
		return err
	}
	if err := d.errOut.Flush(); err != nil {
		return err
	}
	return unsaid
}

// Flush puts out what is held back.
func (d *Output) Flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.errOut.Buffered() > 0 && d.errOut != d.out {
		d.errOut.Flush() // notes of messages that could not be shown
	}
	if d.record != nil {
		if err := d.record.flush(); err != nil {
			return err
		}
	}
	if d.out.Buffered() == 0 {
		return nil
	}
	return outputError(d.out.Flush())
}

// Record writes every event to a file as well, from now on; "" ends that. Cookies are redacted unless secrets is set.
// If there is a connection already, its handshake stands at the beginning.
func (d *Output) Record(path string, secrets bool, connected *dial.Handshake) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record != nil {
		err := d.record.close()
		d.record = nil
		if err != nil {
			return err
		}
	}
	if path == "" {
		return nil
	}
	record, err := newRecorder(path, secrets)
	if err != nil {
		return err
	}
	d.record = record
	if connected == nil {
		return nil
	}
	return record.add(client.Event{Kind: client.KindOpen, Time: time.Now(), Detail: connected})
}

// End tells how the conversation ended, and ends the recording. It is the last that is shown.
func (d *Output) End(err error, sum *client.Summary) {
	now := time.Now()
	if err != nil {
		d.Show(&client.Event{Kind: client.KindError, Time: now, Detail: err})
	}
	d.Show(&client.Event{Kind: client.KindEnd, Time: now, Detail: sum})
	d.Flush()
	d.Record("", false, nil)
}

// Error shows what is wrong with a line, and what to do about it. The conversation goes on.
func (d *Output) Error(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func() error {
		text := append(render.SanitizeLine([]byte(d.notes.Theme.Error.Paint("error:")+" "), err.Error()), '\n')
		if hint := render.Hint(err); hint != "" {
			text = append(render.SanitizeLine(append(text, d.notes.Theme.Hint.Paint("hint:")+" "...), hint), '\n')
		}
		_, err := d.errOut.Write(text)
		return err
	})
}

// Status shows lines of our own. Whatever the other side had a part in is escaped in them.
func (d *Output) Status(text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func() error {
		_, err := d.errOut.Write(append(render.Sanitize(nil, []byte(text)), '\n'))
		return err
	})
}

// Last is the last message that came, whole, as it is shown.
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
	return d.note(func() error {
		_, err := d.errOut.Write(text)
		return err
	})
}

// outputError tells a reader that has gone from a disk that is full.
func outputError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return ErrOutputGone
	}
	if err != nil {
		return &OutputError{err}
	}
	return nil
}

// OutputError says that messages could not be put out.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "write standard output: " + e.Err.Error() }

func (e *OutputError) Unwrap() error { return e.Err }
