package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wsx/errno"
	"wsx/repl"
)

// signals are the signals that the program handles itself. Installing the handlers takes a tenth of the time to the first
// reply, so that is done concurrently with dialing.
type signals struct {
	incoming  chan os.Signal // receives SIGINT, SIGTERM and SIGHUP
	installed chan struct{}  // closed when the handlers are installed; until then each signal has its default effect
}

func catchSignals() *signals {
	s := &signals{make(chan os.Signal, 2), make(chan struct{})}
	go func() { // ends when the handlers are installed
		defer close(s.installed)
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // an error of the write that meets it is enough
		signal.Notify(s.incoming, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	}()
	return s
}

// release restores the default effect of the signals that end the program.
func (s *signals) release() {
	<-s.installed
	signal.Stop(s.incoming)
}

// pipe is an output whose first write waits until SIGPIPE is handled, so that a closed pipe is an error and does not end the
// program.
type pipe struct {
	io.Writer
	*signals
}

func (p pipe) Write(b []byte) (int, error) {
	<-p.installed
	return p.Writer.Write(b)
}

// interrupted returns a context that ends at the first SIGINT, SIGTERM or SIGHUP, with a *signalError as its cause. At the
// second one, restore is called and the program ends at once.
func interrupted(s environment, caught *signals, restore func()) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	go func() { // ended by the function returned
		for {
			select {
			case <-done:
				return
			case sig := <-caught.incoming:
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
		caught.release()
		close(done)
		cancel(nil)
	}
}

// untilOutputClosed returns a context that ends with repl.ErrOutputClosed when nothing reads standard output any more. The
// function returned stops watching.
func untilOutputClosed(ctx context.Context, s environment) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := watchOutput(s.stdout, func() { cancel(repl.ErrOutputClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// openingError returns the error of an opening that failed, or was interrupted, before there was an output.
func openingError(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); is[*signalError](cause) {
		return &reportedError{cause}
	}
	return context.Cause(ctx)
}

// ignoreClosedOutput returns err, or nil if nothing reads standard output any more.
func ignoreClosedOutput(ctx context.Context, s environment, err error) error {
	var file *fs.PathError
	unread := errors.As(err, &file) && file.Path == s.stdout.Name() && errno.IsClosedPipe(err)
	if unread || errors.Is(context.Cause(ctx), repl.ErrOutputClosed) {
		return nil
	}
	return err
}

// withTimeout returns a context that ends after --timeout.
func (f *flags) withTimeout(ctx context.Context) (context.Context, func()) {
	if f.timeout == 0 {
		return ctx, func() {}
	}
	begun := time.Now()
	if f.attached != nil {
		begun = f.attached.begun
	}
	return context.WithDeadlineCause(ctx, begun.Add(time.Duration(f.timeout)), &timeoutError{after: f.timeout.String()})
}

// interruptSelf sends SIGINT to this process: in raw mode, Ctrl-C is only a key.
func interruptSelf() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Signal(os.Interrupt)
	}
}
