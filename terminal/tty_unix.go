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

// tty is the device: its modes, its size.
type tty struct {
	in, out *os.File

	mu    sync.Mutex // guards the fields below
	found *term.State
	raw   bool
}

// makeRaw makes the terminal raw.
func (t *tty) makeRaw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, err := term.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return fmt.Errorf("set up the terminal: %w", err)
	}
	if t.found == nil {
		t.found = state
	}
	t.raw = true
	return nil
}

// restore sets the modes in which the terminal was found. It may be called at any time, more than once.
func (t *tty) restore() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.raw {
		return nil
	}
	t.raw = false
	if err := term.Restore(int(t.in.Fd()), t.found); err != nil {
		return fmt.Errorf("restore the terminal: %w", err)
	}
	return nil
}

// writeLast writes a few last bytes, if the terminal can be written.
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

// signal reacts to what watchSignals reports.
func (f *screenTerminal) signal(s os.Signal) {
	if f.console.released {
		return
	}
	f.console.dirty = true
	switch {
	case s != syscall.SIGCONT:
	case f.contPending: // it ends a stop after which the view is drawn already
		f.contPending = false
	default: // the shell has used the terminal, and may have changed its modes
		f.makeRaw()
	}
}

// stop stops the process group, as Ctrl-Z does in line mode, and waits for SIGCONT. Without job control the signal has no effect,
// and stop returns after 100 ms.
func (f *screenTerminal) stop() {
	f.release()
	f.contPending = false
	unix.Kill(0, unix.SIGTSTP)
	for late, waiting := time.After(100*time.Millisecond), true; waiting; {
		select {
		case s := <-f.signals:
			waiting = s != syscall.SIGCONT
		case <-late: // time passed while the process was stopped as well: SIGCONT may be on its way
			waiting, f.contPending = false, true
		}
	}
	f.drain()
	f.resume()
}

// drain discards signals that were received already.
func (f *screenTerminal) drain() {
	for {
		select {
		case <-f.signals:
		default:
			return
		}
	}
}

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// dumb reports whether TERM names a terminal that takes no escape sequences.
func dumb(term string) bool { return term == "" || term == "dumb" }
