package script

import (
	"strings"
	"time"
)

// verb is the kind of a step.
type verb uint8

const (
	send   verb = iota // a message, or a command that begins with a slash
	expect             // wait for a message or a Close
	wait               // pause
)

// step is a line of a script that is not empty and not a comment.
type step struct {
	number int    // of its line, from 1
	line   string // as it stands in the file
	verb   verb
	text   text          // send: what is sent
	plain  bool          // send: it is not a command, even if a capture makes it begin with a slash
	wanted expectation   // expect: what
	pause  time.Duration // wait: how long
}

// endsSession reports whether a step ends the session.
func (s step) endsSession() bool {
	word, _, _ := strings.Cut(s.line, " ")
	return s.verb == send && (word == "/close" || word == "/quit")
}
