package repl

import (
	"io"

	"wsx/client"
)

// Hear shows what happened, and does what follows from it.
func (c *Conversation) Hear(e client.Event) error {
	switch {
	case e.Kind == client.Message && e.Dir == client.In:
		return c.hearMessage(&e)
	case e.Kind == client.Frame && !c.tracing.Load():
		return nil
	case e.Dir == client.In:
		c.release()
	}
	if e.Kind == client.Opened {
		c.opened.Store(true)
	}
	c.countDown(&e)
	if err := c.Display.Show(&e); err != nil {
		return err
	}
	if e.Kind == client.Opened || e.Kind == client.Close && e.Dir == client.In {
		return c.judged.Render(io.Discard, e)
	}
	return nil
}

// hearMessage shows a message, answers it if that is asked for, and ends the conversation if it was the one waited for.
func (c *Conversation) hearMessage(e *client.Event) error {
	if c.simple {
		return c.hearSimply(e)
	}
	if c.met.Load() {
		return nil
	}
	if err := c.Display.Show(e); err != nil {
		return err
	}
	if err := c.judged.Render(io.Discard, *e); err != nil {
		return err
	}
	if c.Echo {
		c.session.Answer(e.Type, e.Payload, e.First, e.Last) // that it cannot be written is for Run to explain
	}
	if c.Completion != nil && e.First && e.Type == client.Text {
		c.Completion.seen.add(e.Payload)
	}
	if e.Last {
		c.heard++
		c.answered()
	}
	if c.judge.met || e.Last && c.heard == c.Ending.Count {
		c.met.Store(true)
		c.session.Leave(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	return nil
}

// hearsSimply says whether nothing follows from a message but that it is shown, and nothing else happens to the goroutine
// that listens before it waits again.
func (c *Conversation) hearsSimply() bool {
	o := c.Options
	return c.Party == nil && !c.Echo && !c.Lockstep && c.Completion == nil && c.Inbox == nil && !c.Ending.conditional() &&
		!o.HearSent && !o.Trace && !o.Reconnect
}

// hearSimply only shows a message. The display is held from the first message to the next wait: taking and giving it
// back for each short message would be a quarter of all the work.
func (c *Conversation) hearSimply(e *client.Event) error {
	if !c.holding {
		c.Display.Hold()
		c.holding = true
	}
	err := c.Display.ShowHeld(e)
	if err != nil {
		c.release()
	}
	return err
}

// release gives the display back. Only the goroutine that listens calls it.
func (c *Conversation) release() {
	if c.holding {
		c.holding = false
		c.Display.Release()
	}
}

// answered tells who talks in step that a message has come.
func (c *Conversation) answered() {
	if !c.Lockstep {
		return
	}
	select {
	case c.answers <- struct{}{}:
	default:
	}
}

// Idle puts out what is held back, because the session is about to wait.
func (c *Conversation) Idle() error {
	c.release()
	if c.Echo && c.session != nil && c.Party == nil {
		c.session.Flush()
	}
	return c.Display.Flush()
}
