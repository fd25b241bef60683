package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"wsx/client"
	"wsx/daemon"
	"wsx/dialect"
	"wsx/repl"
)

// background is the session of this process, which serves it to others. Its methods may be called on nil, as a session that is not
// in the background.
type background struct {
	name   string
	idle   duration
	folder daemon.Folder
	server *daemon.Server
	notes  switchedWriter // where status lines go, until the session is open
	opened *os.File       // where it reports that the session is open

	mu     sync.Mutex // guards the fields below
	isDone bool       // the session has opened or failed
	open   bool       // it has opened
	err    error      // why it could not be served
}

// switchedWriter writes to a stream until it is switched off.
type switchedWriter struct {
	mu sync.Mutex // guards the field below
	to io.Writer  // nil = it was switched off
}

func (w *switchedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.to == nil {
		return len(p), nil
	}
	return w.to.Write(p)
}

func (w *switchedWriter) switchOff() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = nil
}

// limited ends a context when --timeout runs out. For a session in the background that is a limit on opening it.
func (b *background) limited(f *flags, ctx context.Context) (context.Context, func()) {
	if b == nil || f.timeout == 0 {
		return f.limited(ctx)
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(time.Duration(f.timeout), func() {
		if !b.isOpen() {
			cancel(&timeoutError{f.timeout.String()})
		}
	})
	return limited, func() {
		timer.Stop()
		cancel(nil)
	}
}

// attend has the session serve others.
func (b *background) attend(f *flags, s environment, config *repl.Config) {
	if b == nil {
		return
	}
	config.Handled = b.server.Handled
	config.Options.Trace = true // for processes that watch it
	config.Frame = func(e client.Event) { b.server.Render(nil, e) }
	config.Ending.Wait = 0
	if d := config.Dialect; d != nil {
		d.Called, d.Started = b.server.Called, b.server.Started
		b.server.Login = d.State.Dialect().LogsIn()
	}
}

// follow tells the server of the session.
func (b *background) follow(session *repl.REPL) {
	if b == nil {
		return
	}
	b.server.Opened = func() { b.isReady(session) }
	b.server.Quit, b.server.Retry, b.server.Stats = session.Quit, session.RetryNow, session.Stats
}

// isReady begins to serve the session, and tells the process that waits for it.
func (b *background) isReady(session *repl.REPL) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.isDone {
		return
	}
	b.isDone = true
	if b.err = b.server.Listen(b.folder); b.err != nil {
		session.Quit()
		return
	}
	b.notes.switchOff()
	leaveTerminal()
	b.open = true
	if _, err := b.opened.Write([]byte{'.'}); err != nil {
		session.Quit() // nothing waits for it any more
	}
	b.opened.Close()
	debug.FreeOSMemory() // what connecting needed, as the next
	releaseCode()
}

// isOpen reports whether the session has opened.
func (b *background) isOpen() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

// settle returns the error of a session that has ended. One that was opened is served from then on, however soon it ended.
func (b *background) settle(err error) error {
	if b == nil {
		return err
	}
	if b.server.HasOpened() && !is[*dialect.LoginError](err) && !is[*signalError](err) {
		b.server.Opened()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.isDone = true
	if b.err != nil {
		return b.err
	}
	return err
}

// serve serves the session that has ended, until a process closes it or none has used it for long.
func (b *background) serve(ctx context.Context, stage *ui, err error, sum *client.Summary) error {
	ended := err
	if signal, ok := errors.AsType[*signalError](err); ok { // which the processes that use the session have not got
		ended = &daemon.GoneError{Name: b.name, Signal: signal.Error()}
	}
	sum.Exit = exitCode(ended)
	stage.output.End(withHint(ended), sum)
	b.server.Wait(ctx.Done())
	if err != nil {
		return &reportedError{err}
	}
	return nil
}
