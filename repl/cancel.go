package repl

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"wsx/repl/input"
)

// busyDelay is how long a command may run before the status row shows it.
const busyDelay = 300 * time.Millisecond

// cancelWindow is how long a request to cancel remains valid for a line that is not dispatched yet.
const cancelWindow = 250 * time.Millisecond

// running is the line that the sender runs, and how to cancel it. Any goroutine may call its methods.
type running struct {
	onIdle func() // called when no line followed a request to cancel, which then ends the session

	mu        sync.Mutex // guards the fields below
	reading   bool       // the sender reads lines, or runs one
	active    bool       // it runs a line
	cancel    func()     // cancels the line; nil = it was cancelled
	requested time.Time  // when cancelling a line that does not run yet was requested; zero = not since the last line
}

// setReading sets whether the sender reads lines. A pending request to cancel then was meant for the session.
func (r *running) setReading(reads bool) {
	r.mu.Lock()
	idle := reads && !r.requested.IsZero()
	r.reading, r.requested = reads, time.Time{}
	r.mu.Unlock()
	if idle {
		r.onIdle()
	}
}

// start records that a line runs, which cancel cancels.
func (r *running) start(cancel func()) {
	r.mu.Lock()
	requested := !r.requested.IsZero()
	r.active, r.cancel, r.requested = true, cancel, time.Time{}
	if requested {
		r.cancel = nil
	}
	r.mu.Unlock()
	if requested {
		cancel()
	}
}

// done records that the line has ended.
func (r *running) done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active, r.cancel, r.requested = false, nil, time.Time{}
}

// stop cancels the line that runs or is about to run, and reports whether it did: not if no lines are read,
// or if the line was cancelled before and still runs.
func (r *running) stop() bool {
	cancel, requested := r.request(time.Now())
	switch {
	case cancel != nil:
		cancel()
	case requested.IsZero():
		return false
	default:
		time.AfterFunc(cancelWindow, func() { r.expire(requested) })
	}
	return true
}

// request returns what cancels the line that runs; nil = none runs. If one is about to run, requested is the time of the request
// that start finds.
func (r *running) request(now time.Time) (cancel func(), requested time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	cancel, r.cancel = r.cancel, nil
	if cancel != nil || r.active || !r.reading || !r.requested.IsZero() {
		return cancel, time.Time{}
	}
	r.requested = now
	return nil, now
}

// expire drops a request to cancel that no line has followed: the key was pressed at an idle prompt.
func (r *running) expire(requested time.Time) {
	r.mu.Lock()
	expired := r.requested.Equal(requested) && !requested.IsZero()
	if expired {
		r.requested = time.Time{}
	}
	r.mu.Unlock()
	if expired {
		r.onIdle()
	}
}

// startCommand returns a context for running a typed line, which CancelCommand cancels, and shows a status if that takes long.
// done ends both, and reports whether the line was cancelled.
func (s *state) startCommand(ctx context.Context, line *input.Line) (command context.Context, done func() (cancelled bool)) {
	if !s.Interactive || line.Number == 0 {
		return ctx, func() bool { return false }
	}
	command, cancel := context.WithCancel(ctx)
	s.running.start(cancel)
	stopTicking := s.tick(busyDelay, func(elapsed time.Duration) string {
		return fmt.Sprintf("%.40s ... %.1f s; Ctrl-C cancels it", firstLine(line.Data), elapsed.Seconds())
	})
	return command, func() bool {
		s.running.done()
		stopTicking()
		cancelled := command.Err() != nil
		cancel()
		return cancelled
	}
}

// firstLine returns the beginning of a text up to a newline.
func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return line
}

// CancelCommand cancels the command that runs or is about to run, and reports whether there is one that was not cancelled
// before. Any goroutine may call it.
func (r *REPL) CancelCommand() bool {
	if !r.running.stop() {
		return false
	}
	r.Output.Interrupt() // the command may be waiting for a message to be rendered
	return true
}
