package repl

import (
	"io"

	"wsx/client"
	"wsx/repl/render"
	"wsx/repl/script"
)

// matchState compares received messages with everything that waits for one: the end of the session, rules, and the inbox for
// scripts and /expect.
type matchState struct {
	ending    matcher
	inbox     *script.Inbox // nil = nothing waits
	rendering *rendering    // an interrupt can stop comparing a message, too
	rules     *rules        // find the answers to a message
	done      bool          // the message that ends the session was received
}

// newMatcher returns the state, and the renderer that passes messages to it, decoded if there is a decoder.
func newMatcher(c *Config) (*matchState, render.Renderer) {
	m := &matchState{ending: matcher{ending: &c.Ending}, inbox: c.Inbox, rendering: c.Output.rendering}
	if c.Decoder == nil {
		return m, m
	}
	return m, &render.Decode{To: m, Decoder: c.Decoder, Context: m.rendering.context, MaxMessage: c.Options.MaxMessage}
}

// Render compares an event with everything that waits for one. It writes nothing.
func (m *matchState) Render(_ io.Writer, e client.Event) error {
	if m.inbox != nil {
		m.inbox.Handle(&e)
	}
	if e.Kind == client.KindMessage && e.Dir == client.In {
		m.rules.findAnswers(m.rendering.context(), &e)
	}
	m.done = m.done || e.Kind == client.KindMessage && m.ending.add(m.rendering.context(), &e)
	return nil
}
