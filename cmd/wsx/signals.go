package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// interrupted returns a context that ends at the first signal that asks us to go, with a *signalError as its cause.
// At the second one, restore is called and the program ends at once. A broken pipe is no signal but an error of the
// write that meets it.
func interrupted(s surroundings, restore func()) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	go func() { // ended by the function returned
		for {
			select {
			case <-done:
				return
			case sig := <-signals:
				err := &signalError{sig.(syscall.Signal)}
				if ctx.Err() != nil {
					restore()
					s.exit(exitCode(err))
				}
				cancel(err)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// limited ends a context when --timeout runs out.
func (f *flags) limited(ctx context.Context) (context.Context, func()) {
	if f.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, time.Duration(f.timeout), &timeoutError{f.timeout.String()})
}

// interruptSelf is Ctrl-C in raw mode, where it is only a key.
func interruptSelf() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Signal(os.Interrupt)
	}
}
