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

// signals are those that the program takes for itself. To take them is a tenth of the time to a first reply, so that it goes
// on beside dialling.
type signals struct {
	leave chan os.Signal // asks us to go
	taken chan struct{}  // closed when they are; until then each does what it does to any program
}

func takeSignals() *signals {
	s := &signals{make(chan os.Signal, 2), make(chan struct{})}
	go func() { // ended by its work
		defer close(s.taken)
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // an error of the write that meets it is enough
		signal.Notify(s.leave, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	}()
	return s
}

// release lets signals that ask us to go do again what they do to any program.
func (s *signals) release() {
	<-s.taken
	signal.Stop(s.leave)
}

// pipe is an output whose first write waits until a broken pipe is an error, and not the end.
type pipe struct {
	io.Writer
	*signals
}

func (p pipe) Write(b []byte) (int, error) {
	<-p.taken
	return p.Writer.Write(b)
}

// interrupted returns a context that ends at the first signal that asks us to go, with a *signalError as its cause.
// At the second one, restore is called and the program ends at once.
func interrupted(s environment, asks *signals, restore func()) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	go func() { // ended by the function returned
		for {
			select {
			case <-done:
				return
			case sig := <-asks.leave:
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
		asks.release()
		close(done)
		cancel(nil)
	}
}

// whileRead is a context that ends with repl.ErrOutputGone when nothing reads standard output any more. The function returned
// ends the watch.
func whileRead(ctx context.Context, s environment) (context.Context, func()) {
	ctx, leave := context.WithCancelCause(ctx)
	stop := watchReader(s.stdout, func() { leave(repl.ErrOutputGone) })
	return ctx, func() {
		stop()
		leave(nil)
	}
}

// withoutReader is the error of a command, nil if nothing reads its report any more.
func withoutReader(ctx context.Context, s environment, err error) error {
	var file *fs.PathError
	unread := errors.As(err, &file) && file.Path == s.stdout.Name() && errno.IsClosedPipe(err)
	if unread || errors.Is(context.Cause(ctx), repl.ErrOutputGone) {
		return nil
	}
	return err
}

// limited ends a context when --timeout runs out.
func (f *flags) limited(ctx context.Context) (context.Context, func()) {
	if f.timeout == 0 {
		return ctx, func() {}
	}
	begun := time.Now()
	if f.attached != nil {
		begun = f.attached.begun
	}
	return context.WithDeadlineCause(ctx, begun.Add(time.Duration(f.timeout)), &timeoutError{f.timeout.String()})
}

// interruptSelf is Ctrl-C in raw mode, where it is only a key.
func interruptSelf() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Signal(os.Interrupt)
	}
}
