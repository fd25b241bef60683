package client

import "sync/atomic"

// Handler handles the events of a session.
type Handler interface {
	// Handle is called for each event, by the goroutine that causes it: the one in Run, one that sends, or one of the session's
	// own. An error closes the session, and Run returns it. Handle must not call the session while it holds a lock.
	Handle(Event) error
	// Flush is called by the goroutine in Run when no further event is ready, before it waits for the server or ends a
	// connection. The handler must flush its buffers then.
	Flush() error
}

// ignore is the handler of a session without one.
type ignore struct{}

func (ignore) Handle(Event) error { return nil }
func (ignore) Flush() error       { return nil }

// reporter passes events to the handler until that returns an error.
type reporter struct {
	handler Handler
	failed  func()                // called after the first error
	err     atomic.Pointer[error] // the first error; nil = none
}

// report reports an event.
func (r *reporter) report(e Event) {
	if r.err.Load() == nil {
		r.check(r.handler.Handle(e))
	}
}

// flush calls the handler's Flush.
func (r *reporter) flush() {
	if r.err.Load() == nil {
		r.check(r.handler.Flush())
	}
}

// check records the first error of the handler, and closes the session.
func (r *reporter) check(err error) {
	if err != nil {
		first := err // which err is not, so that it is not allocated for each event
		r.err.CompareAndSwap(nil, &first)
		r.failed()
	}
}

// errOr returns the error of the handler, or err if it has none.
func (r *reporter) errOr(err error) error {
	if handlerErr := r.err.Load(); handlerErr != nil {
		return *handlerErr
	}
	return err
}
