package repl

import (
	"io"
	"unicode/utf8"

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

	done    bool     // the message that ends the session was received; this and the next field belong to the receiver
	answers [][]byte // to messages that were rendered, not sent yet
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
	answers, ends := m.match(&e)
	m.answers, m.done = append(m.answers, answers...), m.done || ends
	return nil
}

// takeAnswers returns the answers to messages that were rendered since the last call.
func (m *matchState) takeAnswers() [][]byte {
	answers := m.answers
	m.answers = nil
	return answers
}

// match compares an event with everything that waits for one. It returns the answers of the rules, and reports whether the session
// ends. Any goroutine may call it with a whole message that is translated.
func (m *matchState) match(e *client.Event) (answers [][]byte, ends bool) {
	if m.inbox != nil {
		m.inbox.Handle(e)
	}
	if e.Kind != client.KindMessage {
		return nil, false
	}
	ctx := m.rendering.context()
	if e.Dir == client.In {
		answers = m.rules.findAnswers(ctx, e)
	}
	return answers, m.ending.add(ctx, e)
}

// matchTranslated is match with the text of a translated message.
func (m *matchState) matchTranslated(e client.Event) (answers [][]byte, ends bool) {
	event := e.Detail.(render.As).Event
	e.Payload, e.Type = event.Text(), client.Text
	if !utf8.Valid(e.Payload) {
		e.Type = client.Binary
	}
	if !event.Hidden() {
		return m.match(&e)
	}
	if e.Payload = event.Raw; m.inbox != nil { // it cannot end the session, but a script may expect it
		m.inbox.Handle(&e)
	}
	return nil, false
}
