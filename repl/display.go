package repl

import (
	"bufio"
	"errors"
	"io"
	"sync"
	"syscall"

	"wsx/client"
	"wsx/repl/render"
)

// ErrOutputGone says that who read our standard output does not any more. As the cause of a cancelled context it
// ends a conversation quietly.
var ErrOutputGone = errors.New("the reader of standard output has gone")

// pageSize is how much is held back for one write to the output, in bytes.
const pageSize = 64 << 10

// Display is where a conversation is seen: messages on one side, notes about them on the other. Where both are the
// same terminal they share a page, and so keep their order.
type Display struct {
	mu       sync.Mutex // guards what follows
	look     Look
	messages render.Renderer
	notes    *render.Notes
	page     *bufio.Writer // messages
	side     *bufio.Writer // notes
}

// NewDisplay shows messages on out and notes on side.
func NewDisplay(out, side io.Writer, look Look, notes *render.Notes) (*Display, error) {
	d := &Display{notes: notes, page: bufio.NewWriterSize(out, pageSize)}
	d.side = d.page
	if side != out {
		d.side = bufio.NewWriter(side)
	}
	return d, d.Change(func(l *Look) { *l = look })
}

// Change changes how messages are shown from now on. A look that cannot be had is refused, and nothing changes.
func (d *Display) Change(change func(*Look)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	look := d.look
	change(&look)
	renderer, err := look.renderer()
	if err != nil {
		return err
	}
	d.look, d.messages = look, renderer
	return nil
}

// Show puts an event where it belongs. Messages may be held back until Flush.
func (d *Display) Show(e client.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.messages.Render(d.page, e); err != nil {
		return outputError(err)
	}
	if e.Kind == client.Message {
		return nil
	}
	return d.note(func() error { return d.notes.Render(d.side, e) })
}

// note writes what is not a message. It does not wait for Flush, and what stands before it is put out first.
func (d *Display) note(write func() error) error {
	if d.side != d.page {
		if err := d.page.Flush(); err != nil {
			return outputError(err)
		}
	}
	if err := write(); err != nil {
		return err
	}
	return d.side.Flush()
}

// Flush puts out what is held back.
func (d *Display) Flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.page.Buffered() == 0 {
		return nil
	}
	return outputError(d.page.Flush())
}

// Complain shows what is wrong with a line, and the conversation goes on.
func (d *Display) Complain(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func() error {
		line := d.notes.Theme.Error.Paint("error:") + " "
		_, err := d.side.Write(append(render.SanitizeLine([]byte(line), err.Error()), '\n'))
		return err
	})
}

// Tell shows lines of our own. Whatever the other side had a part in is escaped in them.
func (d *Display) Tell(text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.note(func() error {
		_, err := d.side.Write(append(render.Sanitize(nil, []byte(text)), '\n'))
		return err
	})
}

// Last shows the last message that came, whole.
func (d *Display) Last() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	keeper, ok := d.messages.(interface{ RenderLast(io.Writer) error })
	if !ok {
		return errors.New("only the format pretty keeps the last message: /format pretty")
	}
	if err := keeper.RenderLast(d.page); err != nil {
		return outputError(err)
	}
	return outputError(d.page.Flush())
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
