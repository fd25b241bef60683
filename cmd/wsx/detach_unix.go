//go:build unix

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// detachFromTerminal starts a session of its own (setsid) and redirects standard output and error, so that the process survives
// the end of the terminal.
func detachFromTerminal() {
	syscall.Setsid()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer null.Close()
	for _, stream := range []int{syscall.Stdout, syscall.Stderr} { // standard input is a pipe to the process that waits
		unix.Dup2(int(null.Fd()), stream)
	}
}
