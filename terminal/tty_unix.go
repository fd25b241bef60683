//go:build unix

package terminal

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// tty is the terminal device, with its modes and size.
type tty struct {
	in, out *os.File

	mu       sync.Mutex // guards the fields below
	original *term.State
	raw      bool
}

// makeRaw makes the terminal raw.
func (t *tty) makeRaw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, err := term.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return fmt.Errorf("set up the terminal: %w", err)
	}
	if t.original == nil {
		t.original = state
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
	if err := term.Restore(int(t.in.Fd()), t.original); err != nil {
		return fmt.Errorf("restore the terminal: %w", err)
	}
	return nil
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
