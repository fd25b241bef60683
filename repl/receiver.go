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
func (c *receiver) Handle(e client.Event) error {
	switch {
	case e.Kind == client.KindMessage && e.Dir == client.In:
		switch d := c.dialect.Load(); {
		case d.isLocal():
			return c.translateMessage(d, &e)
		case d != nil:
			if _, ok := e.Detail.(render.As); ok {
				return c.handleTranslated(d, e)
			}
		}
		return c.handleMessage(&e)
	case e.Kind == client.KindFrame && !c.tracing.Load():
		if c.Frame != nil {
			c.Frame(e)
		}
		return nil
	case e.Dir == client.In && c.batch != nil:
		if err := c.batch.flush(); err != nil {
			return err
		}
	}
	switch e.Kind {
	case client.KindRetry:
		c.disconnected.Store(true)
	case client.KindListening:
		c.opened.Store(true)
	case client.KindOpen:
		c.disconnected.Store(false)
		c.opened.Store(true)
		c.limit.Do(c.startExpiry)
	}
	c.countDown(&e)
	if err := c.Output.Show(&e); err != nil {
		return err
	}
	if d := c.dialect.Load(); d != nil && c.session != nil {
		c.handleConn(d, &e)
	}
	if e.Kind == client.KindOpen || e.Kind == client.KindClose && e.Dir == client.In {
		return c.matcher.Render(io.Discard, e)
	}
	return nil
}

// startExpiry limits how long the session lasts from now on.
func (c *receiver) startExpiry() {
	if c.Ending.Duration > 0 {
		c.expiry = time.AfterFunc(c.Ending.Duration, func() { c.Quit() })
	}
}

// handleMessage shows a message, answers it if there are rules or Echo is set, and ends the session if it was waited for.
func (c *receiver) handleMessage(e *client.Event) error {
	if c.batch != nil {
		return c.batch.show(e)
	}
	if c.done.Load() {
		return nil
	}
	if err := c.Output.Show(e); err != nil {
		return err
	}
	if err := c.matchMessage(e); err != nil {
		return err
	}
	if c.Recognized != nil && !c.recognized && e.First && e.Last {
		if err := c.recognize(e); err != nil {
			return err
		}
	}
	if c.Echo {
		c.session.Reply(e.Type, e.Payload, e.First, e.Last) // that it cannot be written is for Run to explain
	}
	if err := c.sendAnswers(c.match.takeAnswers()); err != nil {
		return err
	}
	if c.Completion != nil && e.First && e.Type == client.Text {
		c.Completion.learn(e.Time, e.Payload)
	}
	if c.Interactive {
		c.latest.add(e)
	}
	number := int64(0)
	if e.Last {
		number = c.received.Add(1)
		c.signalAnswer()
	}
	if c.match.done || e.Last && number == int64(c.Ending.Count) {
		c.done.Store(true)
		c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	return nil
}

// matchMessage passes a message to the matcher, which an interrupt can stop.
func (c *receiver) matchMessage(e *client.Event) error {
	if c.Interactive {
		c.Output.rendering.begin()
		defer c.Output.rendering.end()
	}
	return c.matcher.Render(io.Discard, *e)
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
func (c *receiver) Flush() error {
	if c.batch != nil {
		if err := c.batch.flush(); err != nil {
			return err
		}
	}
	if (c.Echo || c.unflushed || c.rules.any()) && c.session != nil && c.Accept == nil {
		c.unflushed = false
		c.session.Flush()
	}
	return c.Output.Flush()
}
