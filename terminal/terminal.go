// Package terminal is where people type and read: keys in, screen out.
package terminal

import (
	"context"
	"errors"
	"os"
	"time"
)

// What ends a wait for a line.
var (
	ErrInterrupt = errors.New("interrupted")            // Ctrl-C on an empty line
	ErrClosed    = errors.New("the terminal is closed") // Close was called
)

// errSecretBusy is for who asks for a secret while another one is asked for.
var errSecretBusy = errors.New("the terminal is asking for something else")

// Config says what the terminal is and how it behaves. In and Out must be set; the rest may be zero. Its functions are
// called while nothing is drawn: they must be quick, and must not call the terminal.
type Config struct {
	In, Out  *os.File            // a terminal, both; with standard output in a pipe Out is /dev/tty or standard error
	Env      func(string) string // the environment; nil = the process's
	Prompt   string              // plain text before the line
	More     string              // before the further rows of a line of several; "" = blanks as wide as the prompt
	Colors   Colors              // the zero value has no colour
	Paint    func(string) []Span // looks of the parts of a line
	Hint     func(string) string // what the line wants next, shown below it; "" = nothing
	History  *History            // what was said earlier; nil = only this session's
	Complete Completer           // what Tab offers
	ViMode   bool                // the keys of vi
	Editor   []string            // the command that Ctrl-X Ctrl-E edits the line with, from $VISUAL or $EDITOR
	Busy     func()              // Ctrl-C on an empty line while nobody is in ReadLine; it must not wait
	Frame    time.Duration       // between two frames at least; 0 = 1/60 s
	MaxAhead int                 // bytes that may wait to be printed; 0 = 1 MiB
}

// Terminal reads lines and prints messages above them. All its methods may be called from any goroutine.
type Terminal struct {
	backend backend
}

// face is the terminal as it can be: with a screen, or plain.
type backend interface {
	readLine(ctx context.Context) (string, error)
	readSecret(ctx context.Context, prompt string) (string, error)
	print(p []byte)
	write(p []byte)
	suspend(f func() error) error
	setPrompt(s string)
	setStatus(s string)
	size() (width, height int)
	restore()
	close() error
}

// Open takes the terminal. Until Close it is ours: nothing else may read or write it.
// With TERM unset or "dumb" it stays in its own line mode and gets no escape sequence.
func Open(c Config) (*Terminal, error) {
	if c.Env == nil {
		c.Env = os.Getenv
	}
	if c.Frame == 0 {
		c.Frame = time.Second/60 + time.Millisecond
	}
	if c.MaxAhead == 0 {
		c.MaxAhead = 1 << 20
	}
	if dumb(c.Env("TERM")) {
		f, err := openPlain(c)
		return &Terminal{f}, err
	}
	f, err := openScreen(c)
	return &Terminal{f}, err
}

// ReadLine returns the next line that is submitted: never half of one. It returns ErrInterrupt for Ctrl-C and
// io.EOF for Ctrl-D on an empty line, ErrClosed after Close, and the context's error; what is typed by then stays.
func (t *Terminal) ReadLine(ctx context.Context) (string, error) { return t.backend.readLine(ctx) }

// ReadSecret asks for something that is not shown, kept or completed. Messages go on above it, and what was half typed
// is there again afterwards. Ctrl-C is ErrInterrupt, Ctrl-D io.EOF.
func (t *Terminal) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return t.backend.readSecret(ctx, prompt)
}

// Suspend gives the terminal to a function, as it was found and with nothing of ours below the last message, and takes it
// back when the function returns: for a pager or an editor. What is printed meanwhile waits.
func (t *Terminal) Suspend(f func() error) error { return t.backend.suspend(f) }

// Print puts whole lines above the prompt: sanitized and coloured, since they are written as they are. It waits while
// too much is waiting to be printed, until Close.
func (t *Terminal) Print(p []byte) { t.backend.print(p) }

// Write is Print for a stream: what ends within a line goes on with the next call. A line whose rest does not come soon is
// ended for it, since the prompt stands on a row of its own.
func (t *Terminal) Write(p []byte) (int, error) {
	t.backend.write(p)
	return len(p), nil
}

// SetPrompt changes the prompt, plain text.
func (t *Terminal) SetPrompt(s string) { t.backend.setPrompt(s) }

// SetStatus shows a row below the line until it is changed; "" removes it.
func (t *Terminal) SetStatus(s string) { t.backend.setStatus(s) }

// Size is the columns and rows of the screen.
func (t *Terminal) Size() (width, height int) { return t.backend.size() }

// Restore puts the terminal into the state in which it was found, at once and whatever else is going on: for a
// deferred recover and the way out of a signal. Nothing is drawn after it.
func (t *Terminal) Restore() { t.backend.restore() }

// Close gives the terminal back as it was found, the cursor on a fresh row. What was printed is on the screen
// before; a line half typed stays visible and is not delivered. It may be called more than once.
func (t *Terminal) Close() error { return t.backend.close() }
