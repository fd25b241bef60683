package repl

import (
	"io"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// receiver is what handles the events of the session, most of them on the goroutine that runs it. Its fields belong to that one.
type receiver struct {
	*REPL
	batch      *batch      // shows messages from which nothing follows; nil = messages are shown one by one
	expiry     *time.Timer // ends the session after Ending.Duration; nil = it does not run
	countdown  func()      // ends the countdown that is shown; nil = no countdown
	fragments  []byte      // of a message to translate
	recognized bool        // the server's first message was compared with the dialects
}

// Handle shows what happened, and does what follows from it.
func (c *receiver) Handle(e client.Event) error {
	switch {
	case e.Kind == client.KindMessage && e.Dir == client.In:
		switch d := c.dialect.Load(); {
		case d.isOurs():
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
		c.lost.Store(true)
	case client.KindOpen:
		c.lost.Store(false)
	}
	if e.Kind == client.KindOpen && !c.opened.Swap(true) && c.Ending.Duration > 0 {
		c.expiry = time.AfterFunc(c.Ending.Duration, func() { c.Quit() })
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

// handleMessage shows a message, answers it if that is asked for, and ends the session if it was the one waited for.
func (c *receiver) handleMessage(e *client.Event) error {
	if c.batch != nil {
		return c.batch.show(e)
	}
	if c.met.Load() {
		return nil
	}
	if err := c.Output.Show(e); err != nil {
		return err
	}
	if err := c.matchMessage(e); err != nil {
		return err
	}
	if c.Recognize && !c.recognized && e.First && e.Last {
		if err := c.recognize(e); err != nil {
			return err
		}
	}
	if c.Echo {
		c.session.Reply(e.Type, e.Payload, e.First, e.Last) // that it cannot be written is for Run to explain
	}
	if err := c.sendAnswers(); err != nil {
		return err
	}
	if c.Completion != nil && e.First && e.Type == client.Text {
		c.Completion.learn(e.Time, e.Payload)
	}
	if c.Interactive {
		c.latest.add(e)
	}
	if e.Last {
		c.received++
		c.signalAnswer()
	}
	if c.match.met || e.Last && c.received == c.Ending.Count {
		c.met.Store(true)
		c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	return nil
}

// matchMessage passes a message to the matcher, which may take long as well.
func (c *REPL) matchMessage(e *client.Event) error {
	if c.Interactive {
		c.Output.work.begin()
		defer c.Output.work.end()
	}
	return c.matcher.Render(io.Discard, *e)
}

// onlyShows reports whether messages are shown and have no other effect, and nothing else is shown by the receiver
// before it waits again, nor where messages are shown.
func (c *REPL) onlyShows() bool {
	o := c.Options
	return c.Accept == nil && c.Dialect == nil && !c.rules.any() && len(c.Config.Rules.Every) == 0 && !c.Echo && !c.Lockstep && c.Completion == nil && c.Inbox == nil && !c.Ending.conditional() &&
		!o.ReportSent && !o.Trace && !o.Reconnect
}

// signalAnswer lets the sender, which sends in lockstep, go on.
func (c *REPL) signalAnswer() {
	if !c.Lockstep {
		return
	}
	select {
	case c.answers <- struct{}{}:
	default:
	}
}

// Flush writes what is buffered, because the session is about to wait.
func (c *receiver) Flush() error {
	if c.batch != nil {
		if err := c.batch.flush(); err != nil {
			return err
		}
	}
	if (c.Echo || c.dialect.Load() != nil || c.rules.any()) && c.session != nil && c.Accept == nil {
		c.session.Flush()
	}
	return c.Output.Flush()
}
