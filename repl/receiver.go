package repl

import (
	"io"
	"sync"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// receiver handles the events of the session, most of them on the goroutine that runs it, which owns the fields.
type receiver struct {
	*state
	batch      *batch      // shows messages if nothing else is done with them; nil = they are shown one by one
	limit      sync.Once   // calls startExpiry
	expiry     *time.Timer // ends the session after Ending.Duration; nil = it does not run
	countdown  func()      // ends the countdown that is shown; nil = no countdown
	fragments  []byte      // of a message to translate
	unflushed  bool        // it has sent messages of a dialect since the last Flush
	recognized bool        // the server's first message was compared with the dialects
}

// Handle shows an event, and passes it to everything that depends on it.
func (r *receiver) Handle(e client.Event) error {
	switch {
	case e.Kind == client.KindMessage && e.Dir == client.In:
		switch d := r.dialect.Load(); {
		case d.isLocal():
			return r.translateMessage(d, &e)
		case d != nil:
			if _, ok := e.Detail.(render.As); ok {
				return r.handleTranslated(d, e)
			}
		}
		return r.handleMessage(&e)
	case e.Kind == client.KindFrame && !r.tracing.Load():
		if r.Frame != nil {
			r.Frame(e)
		}
		return nil
	case e.Dir == client.In && r.batch != nil:
		if err := r.batch.flush(); err != nil {
			return err
		}
	}
	switch e.Kind {
	case client.KindRetry:
		r.disconnected.Store(true)
	case client.KindListening:
		r.opened.Store(true)
	case client.KindOpen:
		r.disconnected.Store(false)
		r.opened.Store(true)
		r.limit.Do(r.startExpiry)
	}
	r.countDown(&e)
	if err := r.Output.Show(&e); err != nil {
		return err
	}
	if d := r.dialect.Load(); d != nil && r.session != nil {
		r.handleConn(d, &e)
	}
	if e.Kind == client.KindOpen || e.Kind == client.KindClose && e.Dir == client.In {
		return r.matcher.Render(io.Discard, e)
	}
	return nil
}

// startExpiry limits how long the session lasts from now on.
func (r *receiver) startExpiry() {
	if r.Ending.Duration > 0 {
		r.expiry = time.AfterFunc(r.Ending.Duration, func() { r.Quit() })
	}
}

// handleMessage shows a message, answers it if there are rules or Echo is set, and ends the session if it was waited for.
func (r *receiver) handleMessage(e *client.Event) error {
	if r.batch != nil {
		return r.batch.show(e)
	}
	if r.done.Load() {
		return nil
	}
	if err := r.Output.Show(e); err != nil {
		return err
	}
	if err := r.matchMessage(e); err != nil {
		return err
	}
	if r.Recognized != nil && r.Accept == nil && !r.recognized && e.First && e.Last {
		if err := r.recognize(e); err != nil {
			return err
		}
	}
	if r.Echo {
		r.session.Reply(e.Type, e.Payload, e.First, e.Last) // that it cannot be written is for Run to explain
	}
	if err := r.sendAnswers(r.match.takeAnswers()); err != nil {
		return err
	}
	if r.Completion != nil && e.First && e.Type == client.Text {
		r.Completion.learn(e.Time, e.Payload)
	}
	if r.Interactive {
		r.latest.add(e)
	}
	number := int64(0)
	if e.Last {
		number = r.received.Add(1)
		r.signalAnswer()
	}
	if r.match.done || e.Last && number == int64(r.Ending.Count) {
		r.done.Store(true)
		r.session.CloseNow(r.Ending.closeCode(), r.Ending.CloseReason)
	}
	return nil
}

// matchMessage passes a message to the matcher, which an interrupt can stop.
func (r *receiver) matchMessage(e *client.Event) error {
	if r.Interactive {
		r.Output.rendering.begin()
		defer r.Output.rendering.end()
	}
	return r.matcher.Render(io.Discard, *e)
}

// isDisplayOnly reports whether messages are only shown, and the receiver writes nothing else to the stream of messages before
// it waits again.
func (r *REPL) isDisplayOnly() bool {
	o := r.Options
	return r.Accept == nil && r.Dialect == nil && !r.rules.any() && len(r.Config.Rules.Every) == 0 && !r.Echo && !r.Lockstep && r.Completion == nil && r.Inbox == nil && !r.Ending.conditional() &&
		!o.ReportSent && !o.Trace && !o.Reconnect
}

// signalAnswer lets a sender in lockstep continue.
func (s *state) signalAnswer() {
	if !s.Lockstep {
		return
	}
	select {
	case s.answers <- struct{}{}:
	default:
	}
}

// Flush writes everything that is buffered. The session calls it before it waits.
func (r *receiver) Flush() error {
	if r.batch != nil {
		if err := r.batch.flush(); err != nil {
			return err
		}
	}
	if (r.Echo || r.unflushed || r.rules.any()) && r.session != nil && r.Accept == nil {
		r.unflushed = false
		r.session.Flush()
	}
	return r.Output.Flush()
}
