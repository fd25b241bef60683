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

// connectStatusDelay is how long connecting may take before the status row shows it.
const connectStatusDelay = 300 * time.Millisecond

// connect opens the session, or begins to accept clients.
func (r *REPL) connect(ctx context.Context) (Session, error) {
	if r.Accept != nil {
		return orNil(accept.Listen(ctx, r.URL, r.Options, *r.Accept, r.receiver))
	}
	if r.Dial != nil {
		return r.Dial(ctx, r.receiver)
	}
	return orNil(r.dial(ctx))
}

// orNil returns a session, or nil if there is an error.
func orNil[P Session](p P, err error) (Session, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// dial opens the session, and shows a status if that takes long.
func (r *REPL) dial(ctx context.Context) (*client.Session, error) {
	defer r.tickConnecting()()
	return client.Dial(ctx, r.URL, r.Options, r.receiver)
}

// tickConnecting shows how long connecting takes, without the time in which secrets are asked for.
func (r *REPL) tickConnecting() (stop func()) {
	before := r.promptTime.Load()
	return r.tick(connectStatusDelay, func(elapsed time.Duration) string {
		elapsed -= time.Duration(r.promptTime.Load() - before)
		if elapsed < connectStatusDelay {
			return ""
		}
		return fmt.Sprintf("connecting to %s ... %.1f s", dial.RedactURL(r.URL), elapsed.Seconds())
	})
}

// pauseTicker returns a function that hides the status row while it asks for a secret. nil stays nil.
func (r *REPL) pauseTicker(ask dial.AskFunc) dial.AskFunc {
	if ask == nil {
		return nil
	}
	return func(ctx context.Context, prompt string) (string, error) {
		begun := time.Now()
		r.prompting.Store(true)
		defer func() {
			r.promptTime.Add(int64(time.Since(begun)))
			r.prompting.Store(false)
		}()
		return ask(ctx, prompt)
	}
}

// tick updates the status row ten times a second, starting after delay, until stop is called.
func (s *state) tick(delay time.Duration, text func(elapsed time.Duration) string) (stop func()) {
	if s.Status == nil {
		return func() {}
	}
	begun, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() { // ended by stop
		defer s.Guard()
		defer close(ended)
		for wait := delay; ; wait = 100 * time.Millisecond {
			select {
			case <-done:
				return
			case <-time.After(wait):
				if s.prompting.Load() {
					s.Status("")
				} else {
					s.Status(text(time.Since(begun)))
				}
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		s.Status("")
	}
}

// countDown shows the time until the next attempt to connect, from a Retry event to the next event.
func (r *receiver) countDown(e *client.Event) {
	if e.Kind != client.KindRetry && e.Kind != client.KindOpen {
		return
	}
	r.stopCountdown()
	if try, ok := e.Detail.(*client.Attempt); ok {
		r.countdown = r.tick(0, func(elapsed time.Duration) string {
			return render.Countdown(max(0, try.After-elapsed), try.Attempt) + "; Enter retries now"
		})
	}
}

// stopCountdown ends the countdown, if there is one.
func (r *receiver) stopCountdown() {
	if r.countdown != nil {
		r.countdown()
		r.countdown = nil
	}
}
