// Package repl runs a session at a terminal or in a pipe: it sends lines and shows events.
package repl

import (
	"cmp"
	"context"
	"errors"
	"time"

	"wsx/client"
)

// REPL is a session whose lines come from a source and whose events go to an output. A sender reads the lines and a receiver
// handles the events, each in a goroutine of its own with fields of its own. The sender must not receive, or a server that does
// not read until it is read from would block both sides.
type REPL struct {
	*state
	sender   *sender
	receiver *receiver
}

// New prepares a REPL; Run runs it.
func New(c Config) *REPL {
	r := &REPL{state: &state{Config: c}}
	r.receiver = &receiver{state: r.state}
	r.sender = &sender{state: r.state, receiver: r.receiver}
	r.running.onIdle = func() { r.Quit() }
	r.Options.AskPassword = r.pauseTicker(c.Options.AskPassword)
	r.Options.AskPassphrase = r.pauseTicker(c.Options.AskPassphrase)
	r.match, r.matcher = newMatcher(&r.Config)
	if c.Encode != nil {
		r.sender.encoder = encoder{codec: c.Encode, max: cmp.Or(int(c.Options.MaxMessage), defaultMaxMessage)}
	}
	if c.Guard == nil {
		r.Guard = func() {}
	}
	r.tracing.Store(c.Trace)
	r.opened.Store(c.Opened)
	r.rules = newRules(c.Rules)
	r.match.rules = r.rules
	if r.isDisplayOnly() {
		r.receiver.batch, _ = c.Output.newBatch() // no error: the output already has this view
	}
	r.answers = make(chan struct{}, 1)
	end := cmp.Or(c.LineEnd, "none")
	r.lineEndName.Store(&end)
	if c.Dialect != nil {
		r.setDialect(c.Dialect)
	}
	return r
}

// Run opens the session, and sends and receives until it ends. It returns the first error that counts, see result. When ctx is
// cancelled it closes with 1001, and returns the cause.
func (r *REPL) Run(ctx context.Context) error {
	session, err := r.connect(ctx)
	if err != nil {
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, ErrOutputClosed):
			return nil // the same as when the reader closes it later
		case cause != nil:
			return cause
		}
		return err
	}
	for {
		err := r.runOnce(ctx, session)
		if r.sender.next == nil && r.canReopen(ctx, err) {
			r.sender.awaitReopen(ctx, err)
			err = r.result(ctx, err, nil) // the wait may have been interrupted
		}
		if r.sender.next == nil {
			return err
		}
		if ctx.Err() != nil {
			r.sender.next.discard()
			return context.Cause(ctx)
		}
		session = r.sender.startNext()
	}
}

// runOnce sends and receives on one session until it ends.
func (r *REPL) runOnce(ctx context.Context, session Session) error {
	if r.Completion != nil {
		kept := r.kept()
		r.Completion.kept.Store(&kept)
	}
	r.session = session
	r.closing.Store(false)
	r.rules.blocked.Store(false)
	r.current.Store(&session)
	if r.quitting.Load() {
		session.CloseNow(r.Ending.closeCode(), r.Ending.CloseReason)
	}
	stop := context.AfterFunc(ctx, func() { r.closeForContext(ctx) })
	defer stop()

	sending, stopSending := context.WithCancel(ctx)
	r.sessionCtx = sending
	if r.Interactive || len(r.Config.Rules.Every) > 0 {
		r.background.Go(func() { // ended by stopSending
			defer r.Guard()
			r.runTimers(sending)
		})
	}
	if d := r.dialect.Load(); d.isLocal() {
		r.background.Go(func() { r.runTicks(sending, d) }) // ended by stopSending
		r.apply(d, r.login(d, session.Handshake()))
		session.Flush()
	}
	received := make(chan error, 1)
	go func() { // ended by the session's end
		defer r.Guard()
		received <- session.Run()
	}()
	sent := make(chan error, 1)
	go func() { // ended by stopSending; started last, since the runtime runs the newest goroutine first
		defer r.Guard()
		sent <- r.sender.send(sending)
	}()

	err, ended := r.awaitEnd(ctx, received)
	stopSending()
	if !ended {
		return context.Cause(ctx)
	}
	r.rules.stopWatch()
	r.receiver.stopCountdown()
	if r.receiver.expiry != nil && r.sender.next == nil {
		r.receiver.expiry.Stop()
	}
	replied, _ := r.dialect.Load().replied()
	if shown := r.Output.Flush(); err == nil || shown != nil && (r.done.Load() || replied) {
		err = shown
	}
	sendErr := <-sent
	r.background.Wait()
	return r.result(ctx, err, sendErr)
}

// Quit starts to close the session, as /quit does, and reports whether there is one. A second call aborts the closing
// handshake. Any goroutine may call it.
func (s *state) Quit() bool {
	again := s.quitting.Swap(true) || s.closing.Load()
	session := s.current.Load()
	if session == nil {
		return s.opened.Load()
	}
	if again {
		go (*session).Abort(goingAway, "") // ended by the session's end
		return true
	}
	go (*session).CloseNow(s.Ending.closeCode(), s.Ending.CloseReason) // ended by the session's end, or by Options.CloseTimeout
	return true
}

// closeForContext closes the session after ctx has ended.
func (r *REPL) closeForContext(ctx context.Context) {
	switch {
	case errors.Is(context.Cause(ctx), ErrOutputClosed):
		r.session.Abort(goingAway, "")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.session.Abort(r.Ending.closeCode(), r.Ending.CloseReason)
	default:
		r.session.CloseNow(goingAway, "")
	}
}

// interruptTimeout bounds how long the session may take to end after an interrupt, if the server does not answer our Close, or
// the output blocks or runs a query.
const interruptTimeout = 1800 * time.Millisecond

// overrunTimeout bounds how long the session may take to end after a time limit, which it has no reason to overrun.
const overrunTimeout = 500 * time.Millisecond

// awaitEnd returns the error of the receiver; false = it was interrupted and has not ended in time, since the output blocks or
// runs a query.
func (r *REPL) awaitEnd(ctx context.Context, received <-chan error) (error, bool) {
	select {
	case err := <-received:
		return err, true
	case <-ctx.Done():
	}
	limit := interruptTimeout
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		limit = overrunTimeout
	}
	select {
	case err := <-received:
		return err, true
	case <-time.After(limit):
		return nil, false
	}
}

// result returns the error of the session. If there are several, the order is: an interrupt, an error of the sender, an error
// of the receiver, a message that was waited for and not received.
func (r *REPL) result(ctx context.Context, received, sent error) error {
	_, unconfirmed := errors.AsType[*client.UnconfirmedError](received)
	_, unwritten := errors.AsType[*OutputError](received)
	d := r.dialect.Load()
	switch {
	case errors.Is(received, ErrOutputClosed), errors.Is(context.Cause(ctx), ErrOutputClosed):
		return nil // the reader of our output has closed it
	case r.rules.blocked.Load():
		return &LoopError{}
	case d != nil && d.failure() != nil:
		return d.failure()
	case r.done.Load() && !unconfirmed && !unwritten:
		return nil
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case sent != nil:
		return sent
	}
	if replied, err := d.replied(); replied && !unconfirmed && !unwritten {
		received = err
	}
	switch {
	case received != nil && d != nil:
		return d.loginErrorOr(received)
	case received != nil:
		return received
	}
	if err := r.Ending.unmet(int(r.received.Load())); err != nil || d == nil {
		return err
	}
	return d.unanswered()
}

// Stats returns the statistics of the session so far. Any goroutine may call it.
func (r *REPL) Stats() client.Stats {
	if session := r.current.Load(); session != nil {
		return (*session).Stats()
	}
	return client.Stats{}
}

// RetryNow ends the delay before the next attempt to connect. Any goroutine may call it.
func (r *REPL) RetryNow() {
	if session := r.current.Load(); session != nil {
		(*session).RetryNow()
	}
}

// Summary returns the close code and the counts of the session, for the end event.
func (r *REPL) Summary() client.Summary {
	if r.session == nil {
		return client.Summary{}
	}
	return r.session.Summary()
}
