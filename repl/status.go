package repl

import (
	"context"
	"fmt"
	"time"

	"wsx/client"
	"wsx/client/accept"
	"wsx/client/dial"
	"wsx/repl/render"
)

// connectStatusDelay is how long connecting may take before it is shown that it goes on.
const connectStatusDelay = 300 * time.Millisecond

// connect opens the session, or begins to accept clients.
func (c *REPL) connect(ctx context.Context) (Session, error) {
	if c.Accept != nil {
		return orNil(accept.Listen(ctx, c.URL, c.Options, *c.Accept, c.receiver))
	}
	if c.Dial != nil {
		return c.Dial(ctx, c.receiver)
	}
	return orNil(c.dial(ctx))
}

// orNil returns a session, or nil if there is an error.
func orNil[P Session](p P, err error) (Session, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// dial opens the session. If that takes a while, it is shown.
func (c *REPL) dial(ctx context.Context) (*client.Session, error) {
	defer c.tickConnecting()()
	return client.Dial(ctx, c.URL, c.Options, c.receiver)
}

// tickConnecting shows how long connecting takes, without the time of questions to the user.
func (c *REPL) tickConnecting() (stop func()) {
	before := c.asked.Load()
	return c.tick(connectStatusDelay, func(elapsed time.Duration) string {
		elapsed -= time.Duration(c.asked.Load() - before)
		if elapsed < connectStatusDelay {
			return ""
		}
		return fmt.Sprintf("connecting to %s ... %.1f s", dial.RedactURL(c.URL), elapsed.Seconds())
	})
}

// pauseTicker asks for a secret while nothing ticks on the screen where it is asked for. nil stays nil.
func (c *REPL) pauseTicker(ask func(string) (string, error)) func(string) (string, error) {
	if ask == nil {
		return nil
	}
	return func(prompt string) (string, error) {
		begun := time.Now()
		c.asking.Store(true)
		defer func() {
			c.asked.Add(int64(time.Since(begun)))
			c.asking.Store(false)
		}()
		return ask(prompt)
	}
}

// tick shows a text that changes with time, from delay on and ten times a second, until the function it returns is called.
func (c *REPL) tick(delay time.Duration, text func(elapsed time.Duration) string) (stop func()) {
	if c.Status == nil {
		return func() {}
	}
	begun, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() { // ended by stop
		defer c.Guard()
		defer close(ended)
		for wait := delay; ; wait = 100 * time.Millisecond {
			select {
			case <-done:
				return
			case <-time.After(wait):
				if c.asking.Load() {
					c.Status("")
				} else {
					c.Status(text(time.Since(begun)))
				}
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		c.Status("")
	}
}

// countDown shows how long it is until the next try to connect, from a Retry event to the next happening.
func (c *receiver) countDown(e *client.Event) {
	if e.Kind != client.KindRetry && e.Kind != client.KindOpen {
		return
	}
	c.stopCountdown()
	if try, ok := e.Detail.(*client.Attempt); ok {
		c.countdown = c.tick(0, func(elapsed time.Duration) string {
			return render.Countdown(max(0, try.After-elapsed), try.Attempt) + "; Enter retries now"
		})
	}
}

// stopCountdown ends the countdown, if there is one.
func (c *receiver) stopCountdown() {
	if c.countdown != nil {
		c.countdown()
		c.countdown = nil
	}
}
