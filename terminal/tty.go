package terminal

import (
	"os"

	"golang.org/x/term"
)

// openTTY makes the terminal raw and remembers how it was.
func openTTY(in, out *os.File) (*tty, error) {
	t := &tty{in: in, out: out}
	return t, t.makeRaw()
}

// size returns columns and rows; 0 when they are unknown.
func (t *tty) size() (width, height int) {
	width, height, err := term.GetSize(int(t.out.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}
