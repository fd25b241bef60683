//go:build unix

package terminal

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// setRaw makes a terminal raw, and returns a function that restores its modes.
func setRaw(in, _ *os.File) (restore func() error, err error) {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("set up the terminal: %w", err)
	}
	return func() error {
		if err := term.Restore(int(in.Fd()), state); err != nil {
			return fmt.Errorf("restore the terminal: %w", err)
		}
		return nil
	}, nil
}

// writeLast writes a few bytes, if the terminal becomes writable within 50 ms.
func (t *tty) writeLast(s string) {
	fds := []unix.PollFd{{Fd: int32(t.out.Fd()), Events: unix.POLLOUT}}
	if n, _ := unix.Poll(fds, 50); n > 0 && fds[0].Revents&unix.POLLOUT != 0 {
		t.out.WriteString(s)
	}
}

// watchSignals returns SIGWINCH and SIGCONT.
func watchSignals() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 4)
	signal.Notify(c, syscall.SIGWINCH, syscall.SIGCONT)
	return c, func() { signal.Stop(c) }
}

// signal handles a signal that watchSignals has reported.
func (t *screenTerminal) signal(s os.Signal) {
	if t.console.released {
		return
	}
	t.console.dirty = true
	switch {
	case s != syscall.SIGCONT:
	case t.contPending: // of a stop after which the view was drawn already
		t.contPending = false
	default: // the shell has used the terminal, and may have changed its modes
		t.makeRaw()
	}
}

// stop stops the process group, as Ctrl-Z does in line mode, and waits for SIGCONT. Without job control the signal has no effect,
// and stop returns after 100 ms.
func (t *screenTerminal) stop() {
	t.release()
	t.contPending = false
	unix.Kill(0, unix.SIGTSTP)
	for late, waiting := time.After(100*time.Millisecond), true; waiting; {
		select {
		case s := <-t.signals:
			waiting = s != syscall.SIGCONT
		case <-late: // time passed while the process was stopped as well: SIGCONT may be on its way
			waiting, t.contPending = false, true
		}
	}
	t.drain()
	t.resume()
}

// drain discards pending signals.
func (t *screenTerminal) drain() {
	for {
		select {
		case <-t.signals:
		default:
			return
		}
	}
}

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// dumb reports whether TERM names a terminal that takes no escape sequences.
func dumb(term string) bool { return term == "" || term == "dumb" }
