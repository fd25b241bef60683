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

// sizeOf returns the columns and rows of a terminal; 80 and 24 if they are unknown.
func sizeOf(out *os.File) (width, height int) {
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}
