// Package terminal is a line editor for terminals that can print messages above the edited line.
package terminal

import (
	"cmp"
	"context"
	"os"
	"time"
)

// Terminal reads lines and prints messages above them. Any goroutine may call its methods.
type Terminal struct {
	backend backend
	out     *os.File
}

// backend is a screenTerminal or a plainTerminal.
type backend interface {
	readLine(ctx context.Context) (string, error)
	readSecret(ctx context.Context, prompt string) (string, error)
	write(p []byte)
	suspend(f func() error) error
	unread(line string)
	setStatus(s string)
	restore()
	close() error
}

// Open makes the terminal raw; the prompt is shown when ReadLine is called. Until Close nothing else may read from or write to
// the terminal. With Plain, with TERM unset or "dumb", or with ACCESSIBLE set for screen readers, the terminal stays in
// canonical mode and gets no escape sequences.
func Open(c Config) (*Terminal, error) {
	if c.Env == nil {
		c.Env = os.Getenv
	}
	c.Frame = cmp.Or(c.Frame, time.Second/60+time.Millisecond)
	c.MaxAhead = cmp.Or(c.MaxAhead, 1<<20)
	if c.Plain || dumb(c.Env("TERM")) || accessible(c.Env) {
		t, err := openPlain(c)
		return &Terminal{t, c.Out}, err
	}
	t, err := openScreen(c)
	return &Terminal{t, c.Out}, err
}

// accessible reports whether the environment asks for output that suits screen readers: ACCESSIBLE is set, and not to 0 or
// false.
func accessible(env func(string) string) bool {
	v := env("ACCESSIBLE")
	return v != "" && v != "0" && v != "false"
}

// ReadLine returns the next submitted line. The error is ErrInterrupt for Ctrl-C and io.EOF for Ctrl-D on an empty line,
// ErrClosed after Close, or that of ctx; then the text typed so far is kept for the next call.
func (t *Terminal) ReadLine(ctx context.Context) (string, error) { return t.backend.readLine(ctx) }

// ReadSecret reads a line that is not echoed, completed or added to the history. A line that is being typed is restored
// afterwards. The error is ErrInterrupt for Ctrl-C, io.EOF for Ctrl-D, ErrClosed after Close, or that of ctx.
func (t *Terminal) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return t.backend.readSecret(ctx, prompt)
}

// Suspend calls a function, such as one that runs a pager, with the terminal in its original modes and without a prompt. Write
// blocks meanwhile once its buffer is full.
func (t *Terminal) Suspend(f func() error) error { return t.backend.suspend(f) }

// Write prints text above the prompt. It is not escaped: the caller must do that. It may end in the middle of a line, which the
// next call continues; if the rest does not follow within 100 ms the line is terminated, since the prompt needs a row of its
// own. Write blocks while MaxAhead bytes wait to be written, until Close.
func (t *Terminal) Write(p []byte) (int, error) {
	t.backend.write(p)
	return len(p), nil
}

// Unread inserts a line at the prompt, before what is typed there, to be edited and submitted.
func (t *Terminal) Unread(line string) { t.backend.unread(line) }

// SetStatus sets the status row below the line; "" removes it.
func (t *Terminal) SetStatus(s string) { t.backend.setStatus(s) }

// Size returns the columns and rows of the screen; 80 and 24 if they are unknown.
func (t *Terminal) Size() (width, height int) { return sizeOf(t.out) }

// Restore restores the original modes of the terminal at once, in any state: it is for a deferred recover and for signals.
// Nothing is drawn after it.
func (t *Terminal) Restore() { t.backend.restore() }

// Close writes buffered output, restores the modes, and moves the cursor to a new row. A line that is being typed stays
// visible, but ReadLine does not return it. Close may be called more than once.
func (t *Terminal) Close() error { return t.backend.close() }
