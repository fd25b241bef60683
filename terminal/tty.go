package terminal

import (
	"os"
	"sync"

	"golang.org/x/term"
)

// tty is the terminal device, with its modes.
type tty struct {
	in, out *os.File

	mu          sync.Mutex // guards the fields below; held while the modes change, with which raw must agree
	setOriginal func() error
	raw         bool
}

// openTTY makes the terminal raw and remembers how it was.
func openTTY(in, out *os.File) (*tty, error) {
	t := &tty{in: in, out: out}
	return t, t.makeRaw()
}

// makeRaw makes the terminal raw.
func (t *tty) makeRaw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	restore, err := setRaw(t.in, t.out)
	if err != nil {
		return err
	}
	if t.setOriginal == nil {
		t.setOriginal = restore
	}
	t.raw = true
	return nil
}

// restore restores the original modes. It may be called at any time, and more than once.
func (t *tty) restore() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.raw {
		return nil
	}
	t.raw = false
	return t.setOriginal()
}

// sizeOf returns the columns and rows of a terminal; 80 and 24 if they are unknown.
func sizeOf(out *os.File) (width, height int) {
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}
