//go:build unix

package main

import (
	"os"
	"syscall"
)

// leaveTerminal leaves the session of the terminal and its streams: from now on the process lives on when they end.
func leaveTerminal() {
	syscall.Setsid()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer null.Close()
	for _, stream := range []int{syscall.Stdout, syscall.Stderr} { // standard input is a pipe to the process that waits
		duplicate(int(null.Fd()), stream)
	}
}
