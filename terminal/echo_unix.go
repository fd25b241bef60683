//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package terminal

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// disableEcho makes a terminal in its line mode show nothing of what is typed, until echo is called.
func disableEcho(fd int) (echo func(), err error) {
	found, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("set up the terminal: %w", err)
	}
	silent := *found
	silent.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, setTermios, &silent); err != nil {
		return nil, fmt.Errorf("set up the terminal: %w", err)
	}
	return func() { unix.IoctlSetTermios(fd, setTermios, found) }, nil
}
