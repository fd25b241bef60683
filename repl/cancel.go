package repl

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wsx/repl/input"
)

// busyDelay is how long a command may run before it is shown that it does.
const busyDelay = 300 * time.Millisecond

// asksForNext is how long a request to cancel that came just before a line was dispatched still is for that line.
const asksForNext = 250 * time.Millisecond

// running is the line that the sender runs, and how it is cancelled. Its methods may be called by any goroutine.
type running struct {
	unclaimed func() // called when no line followed that a request to cancel could have been for: it was to end the session

	mu     sync.Mutex // guards the fields below
	reads  bool       // the sender reads lines, or runs one
	runs   bool       // it runs one
	cancel func()     // of that; nil = it was cancelled
	asked  time.Time  // when a line that does not run yet was to be cancelled; zero = not since the last line was read
}

// setReads sets whether the sender reads lines. A request to cancel that no line has followed was for the session.
func (r *running) setReads(reads bool) {
	r.mu.Lock()
	unclaimed := reads && !r.asked.IsZero()
	r.reads, r.asked = reads, time.Time{}
	r.mu.Unlock()
	if unclaimed {
		r.unclaimed()
	}
}

// start notes that a line runs, which cancel cancels.
func (r *running) start(cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs, r.cancel = true, cancel
	if !r.asked.IsZero() {
		r.cancel, r.asked = nil, time.Time{}
		cancel()
	}
}

// done notes that the line has ended.
func (r *running) done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs, r.cancel, r.asked = false, nil, time.Time{}
}

// stop cancels the line that runs, or is about to. It reports false when there is nothing to cancel any more: no line is read, or it
// was cancelled before and goes on nevertheless.
func (r *running) stop() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.cancel != nil:
		r.cancel()
		r.cancel = nil
		return true
	case r.runs || !r.reads || !r.asked.IsZero():
		return false
	}
	asked := time.Now()
	r.asked = asked
	time.AfterFunc(asksForNext, func() { r.expire(asked) })
	return true
}

// expire ends the wait for a line to cancel. Where none has followed, the sender was about to wait for the next line, and the key
// was pressed at an idle prompt.
func (r *running) expire(asked time.Time) {
	r.mu.Lock()
	expired := r.asked.Equal(asked) && !asked.IsZero()
	if expired {
		r.asked = time.Time{}
	}
	r.mu.Unlock()
	if expired {
		r.unclaimed()
	}
}

// startCommand returns a context for what a typed line asks for, which CancelCommand cancels, and shows that it runs when it takes a
// while. done ends both, and reports whether it was cancelled.
func (c *REPL) startCommand(ctx context.Context, line *input.Line) (command context.Context, done func() (cancelled bool)) {
	if !c.Interactive || line.Number == 0 {
		return ctx, func() bool { return false }
	}
	command, cancel := context.WithCancel(ctx)
	c.running.start(cancel)
	stopTicking := c.tick(busyDelay, func(elapsed time.Duration) string {
		return fmt.Sprintf("%.40s ... %.1f s; Ctrl-C cancels it", firstLine(line.Data), elapsed.Seconds())
	})
	return command, func() bool {
		c.running.done()
		stopTicking()
		cancelled := command.Err() != nil
		cancel()
		return cancelled
	}
}

// firstLine returns the beginning of a text up to a newline.
func firstLine(text []byte) []byte {
	for i, b := range text {
		if b == '\n' {
			return text[:i]
		}
	}
	return text
}

// CancelCommand cancels the command that runs, or is about to, and reports whether there is one that was not cancelled before. It is
// for any goroutine.
func (c *REPL) CancelCommand() bool {
	if !c.running.stop() {
		return false
	}
	c.Output.Interrupt() // for which it may be waiting
	return true
}
