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
	mu     sync.Mutex // guards the fields below
	reads  bool       // the sender reads lines, or runs one
	runs   bool       // it runs one
	cancel func()     // of that; nil = it was cancelled
	asked  time.Time  // when a line that does not run yet was to be cancelled; zero = not since the last line was read
}

// setReads tells whether the sender reads lines.
func (r *running) setReads(reads bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads, r.asked = reads, time.Time{}
}

// start tells that a line runs which cancel cancels.
func (r *running) start(cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs, r.cancel = true, cancel
	if !r.asked.IsZero() && time.Since(r.asked) < asksForNext {
		r.cancel = nil
		cancel()
	}
}

// done tells that the line has ended.
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
	r.asked = time.Now()
	return true
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

// firstLine is the beginning of a text up to a newline.
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
