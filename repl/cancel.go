package repl

import (
	"context"
	"fmt"
	"time"

	"wsx/repl/input"
)

// busyDelay is how long a command may run before it is shown that it does.
const busyDelay = 300 * time.Millisecond

// startCommand returns a context for what a typed line asks for, which CancelCommand cancels, and shows that it runs when it takes a
// while. done ends both, and reports whether it was cancelled.
func (c *REPL) startCommand(ctx context.Context, line *input.Line) (command context.Context, done func() (cancelled bool)) {
	if !c.Interactive || line.Number == 0 {
		return ctx, func() bool { return false }
	}
	command, cancel := context.WithCancel(ctx)
	c.cancel.Store(&cancel)
	stopTicking := c.tick(busyDelay, func(elapsed time.Duration) string {
		return fmt.Sprintf("%.40s ... %.1f s; Ctrl-C cancels it", firstLine(line.Data), elapsed.Seconds())
	})
	return command, func() bool {
		c.cancel.Store(nil)
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

// CancelCommand cancels the command that runs, and reports whether there is one that was not cancelled before. It is for any goroutine.
func (c *REPL) CancelCommand() bool {
	cancel := c.cancel.Swap(nil)
	if cancel != nil {
		(*cancel)()
		c.Output.Interrupt() // for which it may be waiting
	}
	return cancel != nil
}
