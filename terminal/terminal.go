// Package terminal is a line editor for terminals that can print messages above the edited line.
package terminal

import (
	"cmp"
	"context"
	"errors"
	"os"
	"time"
)

// The errors of ReadLine and ReadSecret.
var (
	ErrInterrupt = errors.New("interrupted")            // Ctrl-C on an empty line
	ErrClosed    = errors.New("the terminal is closed") // Close was called
)

// errSecretBusy is returned by ReadSecret while another one is running.
var errSecretBusy = errors.New("the terminal is asking for something else")

// Config is the configuration of a terminal. In and Out must be set; all other fields may be zero. The functions are called by
// the goroutine that draws: they must return quickly, and must not call the terminal.
type Config struct {
	In, Out    *os.File                          // both must be terminals; if standard output is a pipe, Out is /dev/tty or standard error
	Env        func(string) string               // the environment; nil = the process's
	Prompt     string                            // plain text before the line
	Colors     Colors                            // the zero value has no colour
	Paint      func(line string, pos int) []Span // styles of the parts of a line with the cursor before byte pos; -1 = in the transcript
	Hint       func(string) string               // shown below the line: what a command expects next; "" = no hint
	History    *History                          // earlier lines, for the terminal alone until Close; nil = only those of this session
	Complete   Completer                         // candidates for Tab
	Incomplete func(string) bool                 // reports whether Enter continues the line on a new row; a second Enter submits it; nil = never
	Mistake    func(string) string               // what is wrong with the line, which a second Enter submits; "" = nothing
	Secret     func(string) bool                 // reports whether a line has a secret and must not be in the file of History; nil = never
	Reformat   func(string) (string, bool)       // reformats the line for Ctrl-X Ctrl-P; false = do not change it
	Plain      bool                              // leave the terminal in canonical mode
	ViMode     bool                              // keys as in vi
	Editor     []string                          // the command that Ctrl-X Ctrl-E edits the line with, from $VISUAL or $EDITOR
	// Interrupt is called for Ctrl-C on an empty line while no ReadLine waits; it must not block. It reports whether it has
	// cancelled a running command; if not, or if it is nil, the next ReadLine returns ErrInterrupt. Lines that were typed ahead
	// are returned to the prompt.
	Interrupt func() bool
	Escape    func()        // called for Ctrl-]; must not block; nil = the key does nothing
	Frame     time.Duration // between two frames at least; 0 = 1/60 s
	MaxAhead  int           // capacity of the output buffer, in bytes; 0 = 1 MiB
}

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
