package repl

import (
	"bufio"
	"errors"
	"fmt"
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
	messages render.Renderer
	notes    render.Renderer

	mu   sync.Mutex    // guards what follows
	page *bufio.Writer // messages
	side *bufio.Writer // notes
}

// NewDisplay shows messages on out and notes on side. A nil renderer shows nothing.
func NewDisplay(out, side io.Writer, messages, notes render.Renderer) *Display {
	d := &Display{messages: messages, notes: notes, page: bufio.NewWriterSize(out, pageSize)}
	d.side = d.page
	if side != out {
		d.side = bufio.NewWriter(side)
	}
	return d
}

// Show puts an event where it belongs. What is shown may be held back until Flush.
func (d *Display) Show(e client.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.messages != nil {
		if err := d.messages.Render(d.page, e); err != nil {
			return outputError(err)
		}
	}
	if d.notes == nil || e.Kind == client.Message {
		return nil
	}
	return d.note(e)
}

// note shows what is not a message. It does not wait for Flush: what stands before it is put out first.
func (d *Display) note(e client.Event) error {
	if d.side != d.page {
		if err := d.page.Flush(); err != nil {
			return outputError(err)
		}
	}
	if err := d.notes.Render(d.side, e); err != nil {
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
	return d.Tell("error: " + err.Error())
}

// Tell shows a line of our own.
func (d *Display) Tell(text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintln(d.side, text)
	return d.side.Flush()
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
