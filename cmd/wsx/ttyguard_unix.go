//go:build !windows

package main

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// startTTYGuard starts a child process that restores the terminal to its present state if this process dies without calling
// release, because of a panic or SIGKILL.
func startTTYGuard(s environment, terminal *os.File) (release func()) {
	self, err := os.Executable()
	if err != nil {
		return func() {}
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), ttyGuardVariable+"=1")
	cmd.ExtraFiles = []*os.File{terminal}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C must not end the guard
	alive, err := cmd.StdinPipe()
	if err != nil {
		return func() {}
	}
	ready, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return func() {}
	}
	io.ReadFull(ready, make([]byte, 1)) // it has seen the terminal as it is
	return func() {
		alive.Write([]byte{'.'})
		alive.Close()
		cmd.Wait()
	}
}

// runTTYGuard runs the guard process. Its standard input ends when its parent does.
func runTTYGuard(s environment) int {
	signal.Ignore(syscall.SIGTTOU, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	const terminal = 3
	state, err := term.GetState(terminal)
	if err != nil {
		return exitFailed
	}
	s.stdout.Write([]byte{'.'})
	if released, _ := io.ReadAll(s.stdin); len(released) > 0 {
		return exitOK
	}
	os.NewFile(terminal, "terminal").WriteString("\x1b[?2004l\x1b[?2026l\r\n")
	if term.Restore(terminal, state) != nil {
		return exitFailed
	}
	return exitOK
}
