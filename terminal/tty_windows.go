//go:build windows

package terminal

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// setRaw makes a console raw, and returns a function that restores its modes. It enables escape sequences in both directions;
// MakeRaw enables those of the input.
func setRaw(in, out *os.File) (restore func() error, err error) {
	screen := windows.Handle(out.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(screen, &mode); err != nil {
		return nil, fmt.Errorf("set up the console: %w", err)
	}
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("set up the console: %w", err)
	}
	// DISABLE_NEWLINE_AUTO_RETURN: a full row waits with wrapping until the next character, as on other terminals.
	const escapes = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	if err := windows.SetConsoleMode(screen, mode|escapes); err != nil {
		term.Restore(int(in.Fd()), state)
		return nil, fmt.Errorf("this console does not support escape sequences: %w", err)
	}
	return func() error {
		err := errors.Join(term.Restore(int(in.Fd()), state), windows.SetConsoleMode(screen, mode))
		if err != nil {
			return fmt.Errorf("restore the console: %w", err)
		}
		return nil
	}, nil
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
