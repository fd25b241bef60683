//go:build windows

package terminal

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// tty is the console, with its modes and size.
type tty struct {
	in, out *os.File

	mu          sync.Mutex // guards the fields below
	originalIn  *term.State
	originalOut uint32
	raw         bool
}

// makeRaw makes the console raw, and enables escape sequences in both directions; those of the input are enabled by MakeRaw.
func (t *tty) makeRaw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, err := term.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return fmt.Errorf("set up the console: %w", err)
	}
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(t.out.Fd()), &mode); err != nil {
		term.Restore(int(t.in.Fd()), state)
		return fmt.Errorf("set up the console: %w", err)
	}
	if t.originalIn == nil {
		t.originalIn, t.originalOut = state, mode
	}
	t.raw = true
	// DISABLE_NEWLINE_AUTO_RETURN: a full row waits with wrapping until the next character, as on other terminals.
	mode |= windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	if err := windows.SetConsoleMode(windows.Handle(t.out.Fd()), mode); err != nil {
		return fmt.Errorf("this console does not support escape sequences: %w", err)
	}
	return nil
}

// restore restores both original modes.
func (t *tty) restore() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.raw {
		return nil
	}
	t.raw = false
	outErr := windows.SetConsoleMode(windows.Handle(t.out.Fd()), t.originalOut)
	if err := term.Restore(int(t.in.Fd()), t.originalIn); err != nil {
		return fmt.Errorf("restore the console: %w", err)
	}
	if outErr != nil {
		return fmt.Errorf("restore the console: %w", outErr)
	}
	return nil
}

func (t *tty) writeLast(s string) { t.out.WriteString(s) }

// watchSignals reports nothing: a console sends no signal when its size changes. The size is queried before each frame.
func watchSignals() (<-chan os.Signal, func()) { return nil, func() {} }

func (t *screenTerminal) signal(os.Signal) {}

// stop does nothing: there is no job control.
func (t *screenTerminal) stop() {}

// terminate ends a process.
func terminate(p *os.Process) error { return p.Kill() }

// dumb reports whether TERM names a terminal that takes no escape sequences; a Windows console needs no TERM.
func dumb(term string) bool { return term == "dumb" }
