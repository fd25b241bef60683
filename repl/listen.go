package repl

import (
	"wsx/client"
)

// Hear shows what happened, and does what follows from it.
func (c *Conversation) Hear(e client.Event) error {
	if e.Kind == client.Message && e.Dir == client.In {
		return c.hearMessage(&e)
	}
	if e.Kind == client.Frame && !c.tracing.Load() {
		return nil
	}
	return c.Display.Show(&e)
}

// hearMessage shows a message, answers it if that is asked for, and ends the conversation if it was the one waited for.
func (c *Conversation) hearMessage(e *client.Event) error {
	if c.met.Load() {
		return nil
	}
	if err := c.Display.Show(e); err != nil {
		return err
	}
	if c.Echo {
		c.answer(e)
	}
	if c.Completion != nil && e.First && e.Type == client.Text {
		c.Completion.seen.add(e.Payload)
	}
	if e.Last {
		c.heard++
		c.answered()
	}
	if c.match.add(e) || e.Last && c.heard == c.Ending.Count {
		c.met.Store(true)
		c.session.Leave(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	return nil
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

// answer says a message back, piece by piece as it comes. That it cannot be written is for Run to explain.
func (c *Conversation) answer(e *client.Event) {
	if e.First && e.Last {
		c.session.Send(e.Type, e.Payload)
		return
	}
	c.session.SendPart(e.Type, e.Payload, e.First, e.Last)
}

// Idle puts out what is held back, because the session is about to wait.
func (c *Conversation) Idle() error {
	if c.Echo && c.session != nil {
		c.session.Flush()
	}
	return c.Display.Flush()
}
