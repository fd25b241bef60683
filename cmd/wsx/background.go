package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"wsx/client"
	"wsx/cmd/wsx/value"
	"wsx/daemon"
	"wsx/dialect"
	"wsx/repl"
	"wsx/repl/render"
)

// background is the session of this process that other processes use. A nil *background is a session in the foreground; its
// methods may be called.
type background struct {
	name   string
	idle   value.Duration
	folder daemon.Folder
	server *daemon.Server
	notes  switchedWriter // receives the status lines until the session is open
	opened *os.File       // the pipe on which it reports that the session is open

	opening   sync.Once   // is done when the session has opened or failed
	hasOpened atomic.Bool // it has opened
	err       error       // why it could not be served; valid once opening is done
}

// switchedWriter writes to a stream until it is switched off. A write that has begun may continue after that.
type switchedWriter struct {
	to  io.Writer
	off atomic.Bool
}

func (w *switchedWriter) Write(p []byte) (int, error) {
	if w.off.Load() {
		return len(p), nil
	}
	return w.to.Write(p)
}

// configure sets the callbacks with which the session reports to the server.
func (b *background) configure(config *repl.Config) {
	if b == nil {
		return
	}
	config.Handled = b.server.Handled
	config.Options.Trace = true // for processes that trace the session
	config.Frame = b.server.Frame
	config.Ending.Wait = 0
	if d := config.Dialect; d != nil {
		d.Called, d.Started = b.server.Called, b.server.Started
		b.server.Login = d.State.Dialect().LogsIn()
	}
}

// bind connects the server with the session that it serves.
func (b *background) bind(session *repl.REPL) {
	if b == nil {
		return
	}
	b.server.Opened = func() { b.opening.Do(func() { b.startServing(session) }) }
	b.server.Quit, b.server.Retry, b.server.Stats = session.Quit, session.RetryNow, session.Stats
}

// startServing starts to serve the session, detaches the process from the terminal, and reports that to the process that waits
// for it.
func (b *background) startServing(session *repl.REPL) {
	if b.err = b.server.Listen(b.folder); b.err != nil {
		session.Quit()
		return
	}
	b.notes.off.Store(true)
	detachFromTerminal()
	b.hasOpened.Store(true)
	if _, err := b.opened.Write([]byte{'.'}); err != nil {
		session.Quit() // nothing waits for it any more
	}
	b.opened.Close()
	debug.FreeOSMemory() // releases, like the next call, the memory that connecting needed
	releaseProgramPages()
}

// isOpen reports whether the session has opened.
func (b *background) isOpen() bool { return b != nil && b.hasOpened.Load() }

// result returns the error of a session that has ended. A session that was opened is served even if it ended at once.
func (b *background) result(err error) error {
	if b == nil {
		return err
	}
	if b.server.HasOpened() && !is[*dialect.LoginError](err) && !is[*signalError](err) {
		b.server.Opened()
	}
	b.opening.Do(func() {}) // it is not served any more
	if b.err != nil {
		return b.err
	}
	return err
}

// serve serves the session that has ended, until another process closes it or the idle time has passed.
func (b *background) serve(ctx context.Context, u *ui, err error, sum client.Summary) error {
	ended := err
	if signal, ok := errors.AsType[*signalError](err); ok { // which the processes that use the session did not receive
		ended = &daemon.GoneError{Name: b.name, Signal: signal.Error()}
	}
	u.output.End(ended, &render.End{Summary: sum, Exit: exitCode(ended)})
	b.server.Wait(ctx.Done())
	if err != nil {
		return &reportedError{err}
	}
	return nil
}
