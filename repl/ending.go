package repl

import (
	"fmt"
	"regexp"
	"time"

	"wsx/client"
)

// goingAway is the close code of who is interrupted (RFC 6455, section 7.4.1).
const goingAway = 1001

// Ending says when a conversation ends, and how it says goodbye. With the zero value it ends at the end of input.
type Ending struct {
	Wait        time.Duration  // after the end of input, how long the server must be silent; negative = until it closes
	Count       int            // end after so many messages; 0 = no such end
	Until       *regexp.Regexp // end after a message that matches; nil = no such end
	CloseCode   int            // 0 = 1000
	CloseReason string
}

func (e Ending) closeCode() int {
	if e.CloseCode == 0 {
		return 1000
	}
	return e.CloseCode
}

// UnmetError says that the end came before what was waited for.
type UnmetError struct{ Message string }

func (e *UnmetError) Error() string { return e.Message }

// Kind is the kind of the error event.
func (e *UnmetError) Kind() string { return "timeout" }

// unmet says what an ending waited for in vain, nil if for nothing.
func (e Ending) unmet(heard int) error {
	switch {
	case e.Until != nil:
		return &UnmetError{fmt.Sprintf("wait for a message that matches %q: the end came before it", e.Until)}
	case e.Count > heard:
		return &UnmetError{fmt.Sprintf("wait for %d messages: the end came after %d", e.Count, heard)}
	}
	return nil
}

// matcher looks for a pattern in messages that arrive in pieces.
type matcher struct {
	pattern *regexp.Regexp
	held    []byte // the pieces so far
}

// add says whether the message that ends with this piece matches. The session bounds what is held.
func (m *matcher) add(e client.Event) bool {
	if m.pattern == nil {
		return false
	}
	if e.First && e.Last {
		return m.pattern.Match(e.Payload)
	}
	if e.First {
		m.held = m.held[:0]
	}
	m.held = append(m.held, e.Payload...)
	return e.Last && m.pattern.Match(m.held)
}
