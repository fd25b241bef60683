package repl

import (
	"io"

	"wsx/client"
	"wsx/repl/render"
	"wsx/repl/script"
)

// matchState looks at received messages: whether one ends the session, and whether it is what a script or /expect waits for.
type matchState struct {
	match matcher
	inbox *script.Inbox // nil = nothing waits
	work  *work         // comparing a message is work, too
	rules *rules        // find what is to be answered
	met   bool          // the message that ends the session was received
}

// newMatcher returns a matcher of messages, decoded if there is a decoder.
func newMatcher(c *Config) (*matchState, render.Renderer) {
	j := &matchState{match: matcher{ending: &c.Ending}, inbox: c.Inbox, work: c.Output.work}
	if c.Decoder == nil {
		return j, j
	}
	return j, &render.Decode{To: j, Decoder: c.Decoder, Context: j.work.context, MaxMessage: c.Options.MaxMessage}
}

// Render writes nothing: it compares an event with what is waited for.
func (j *matchState) Render(_ io.Writer, e client.Event) error {
	if j.inbox != nil {
		j.inbox.Handle(&e)
	}
	if e.Kind == client.KindMessage && e.Dir == client.In {
		j.rules.findAnswers(j.work.context(), &e)
	}
	j.met = j.met || e.Kind == client.KindMessage && j.match.add(j.work.context(), &e)
	return nil
}
