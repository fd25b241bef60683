package repl

import (
	"io"

	"wsx/client"
	"wsx/repl/render"
	"wsx/repl/script"
)

// matchState looks at what comes: whether it ends the conversation, and whether it is what a script or /expect waits for.
type matchState struct {
	match matcher
	inbox *script.Inbox // nil = nobody waits
	met   bool          // what ends the conversation has come
}

// newMatcher returns what is shown each message, decoded if there is a decoder.
func newMatcher(c *Config) (*matchState, render.Renderer) {
	j := &matchState{match: matcher{ending: &c.Ending}, inbox: c.Inbox}
	if c.Decoder == nil {
		return j, j
	}
	return j, &render.Decode{To: j, Decoder: c.Decoder, MaxMessage: c.Options.MaxMessage}
}

// Render writes nothing: it is shown an event to judge it.
func (j *matchState) Render(_ io.Writer, e client.Event) error {
	if j.inbox != nil {
		j.inbox.Handle(&e)
	}
	j.met = j.met || e.Kind == client.KindMessage && j.match.add(&e)
	return nil
}
