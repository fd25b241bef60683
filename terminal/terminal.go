// Package terminal edits lines at a terminal while messages are printed above them: keys in, screen out.
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

// Config sets up a terminal. In and Out must be set; the rest may be zero. Its functions are called by the goroutine that draws:
// they must be quick, and must not call the terminal.
type Config struct {
	In, Out    *os.File                          // a terminal, both; with standard output in a pipe Out is /dev/tty or standard error
	Env        func(string) string               // the environment; nil = the process's
	Prompt     string                            // plain text before the line
	More       string                            // before the further rows of a line of several; "" = blanks as wide as the prompt
	Colors     Colors                            // the zero value has no colour
	Paint      func(line string, pos int) []Span // styles of the parts of a line with the cursor before byte pos; -1 = in the transcript
	Hint       func(string) string               // shown below the line: what a command expects next; "" = no hint
	History    *History                          // earlier lines; nil = only those of this session
	Complete   Completer                         // candidates for Tab
	Incomplete func(string) bool                 // reports whether Enter continues the line on a new row; a second Enter submits it; nil = never
	Mistake    func(string) string               // what is wrong with the line, which a second Enter submits; "" = nothing
	Secret     func(string) bool                 // reports whether a line has a secret and must not be in the file of History; nil = never
	Reformat   func(string) (string, bool)       // what Ctrl-X Ctrl-P makes of the line; false = leave it
	Plain      bool                              // the terminal stays in its own line mode
	ViMode     bool                              // keys as in vi
	Editor     []string                          // the command that Ctrl-X Ctrl-E edits the line with, from $VISUAL or $EDITOR
	// Interrupt is called for Ctrl-C on an empty line while no ReadLine waits; it must not block. It reports whether it has
	// cancelled what runs; if not, or if it is nil, the next ReadLine returns ErrInterrupt. Lines that were typed ahead are
	// put back to the prompt.
	Interrupt func() bool
	Escape    func()        // called for Ctrl-], like Interrupt; nil = the key does nothing
	Frame     time.Duration // between two frames at least; 0 = 1/60 s
	MaxAhead  int           // bytes that may wait to be printed; 0 = 1 MiB
}

// Terminal reads lines and prints messages above them. All its methods may be called from any goroutine.
type Terminal struct {
	backend backend
}

// backend is a terminal that draws, or a plain one.
type backend interface {
	readLine(ctx context.Context) (string, error)
	readSecret(ctx context.Context, prompt string) (string, error)
	print(p []byte)
	write(p []byte)
	suspend(f func() error) error
	setPrompt(s string)
	unread(line string)
	setStatus(s string)
	size() (width, height int)
	restore()
	close() error
}

// Open makes the terminal raw and shows the prompt once ReadLine is called. Until Close nothing else may read or write it.
// With Plain, with TERM unset or "dumb", or where ACCESSIBLE asks for programs that suit a screen reader, the terminal stays in its
// own line mode and gets no escape sequence.
func Open(c Config) (*Terminal, error) {
	if c.Env == nil {
		c.Env = os.Getenv
	}
	c.Frame = cmp.Or(c.Frame, time.Second/60+time.Millisecond)
	c.MaxAhead = cmp.Or(c.MaxAhead, 1<<20)
	if c.Plain || dumb(c.Env("TERM")) || accessible(c.Env) {
		f, err := openPlain(c)
		return &Terminal{f}, err
	}
	f, err := openScreen(c)
	return &Terminal{f}, err
}

// accessible reports whether the environment asks for programs that suit a screen reader: ACCESSIBLE is set, and not to 0 or false.
func accessible(env func(string) string) bool {
	v := env("ACCESSIBLE")
	return v != "" && v != "0" && v != "false"
}

// ReadLine returns the next line that is submitted: never half of one. It returns ErrInterrupt for Ctrl-C and
// io.EOF for Ctrl-D on an empty line, ErrClosed after Close, and the context's error; what is typed by then stays.
func (t *Terminal) ReadLine(ctx context.Context) (string, error) { return t.backend.readLine(ctx) }

// ReadSecret reads a line that is not echoed, completed or added to the history. Messages are printed above it, and a line that
// was half typed is there again afterwards. Ctrl-C is ErrInterrupt, Ctrl-D io.EOF.
func (t *Terminal) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return t.backend.readSecret(ctx, prompt)
}

// Suspend calls a function, such as one that runs a pager, with the terminal in the modes in which it was found and no prompt
// on it. Print waits meanwhile.
func (t *Terminal) Suspend(f func() error) error { return t.backend.suspend(f) }

// Print puts whole lines above the prompt. They are written as they are: the caller sanitizes and colours them. It blocks while
// MaxAhead bytes wait to be written, until Close.
func (t *Terminal) Print(p []byte) { t.backend.print(p) }

// Write is Print for a stream: p may end in the middle of a line, which the next call continues. If the rest does not follow
// within 100 ms the line is ended, since the prompt stands on a row of its own.
func (t *Terminal) Write(p []byte) (int, error) {
	t.backend.write(p)
	return len(p), nil
}

// SetPrompt changes the prompt, plain text.
func (t *Terminal) SetPrompt(s string) { t.backend.setPrompt(s) }

// Unread puts a line back to the prompt, before what is typed there, to be edited and submitted again.
func (t *Terminal) Unread(line string) { t.backend.unread(line) }

// SetStatus shows a row below the line until it is changed; "" removes it.
func (t *Terminal) SetStatus(s string) { t.backend.setStatus(s) }

// Size returns the columns and rows of the screen.
func (t *Terminal) Size() (width, height int) { return t.backend.size() }

// Restore puts the terminal into the modes in which it was found, at once and from any state: for a deferred recover and
// for signals. Nothing is drawn after it.
func (t *Terminal) Restore() { t.backend.restore() }

// Close writes what was printed, restores the modes, and leaves the cursor on a fresh row. A line half typed stays visible and is
// not returned by ReadLine. It may be called more than once.
func (t *Terminal) Close() error { return t.backend.close() }
