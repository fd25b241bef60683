package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// goingAway is the close code after an interrupt (RFC 6455, section 7.4.1).
const goingAway = 1001

// noCode stands for a Close frame without a code.
const noCode = 1005

// Ending configures when a session ends, and with which Close. With the zero value it ends at the end of input, with code 1000.
type Ending struct {
	Wait        time.Duration  // after the end of input, how long the server must be silent; negative = until it closes
	Duration    time.Duration  // end this long after the connection was opened; 0 = no such end
	Count       int            // end after this many received messages; 0 = no such end
	Until       *regexp.Regexp // end after a message that matches; nil = no such end
	UntilJQ     *render.Query  // end after a JSON message for which it is true; nil = no such end
	CloseCode   int            // 0 = 1000
	CloseReason string
}

func (e Ending) closeCode() int {
	return cmp.Or(e.CloseCode, 1000)
}

// conditional reports whether a message can end the session.
func (e Ending) conditional() bool { return e.Count > 0 || e.Until != nil || e.UntilJQ != nil }

// errQuit is the error that ends a session at the user's request.
var errQuit = errors.New("quit")

// UnmetError is the error when a session ends before the message that was waited for.
type UnmetError struct{ Message string }

func (e *UnmetError) Error() string { return e.Message }

// Kind returns the kind of the error event.
func (e *UnmetError) Kind() string { return "timeout" }

// unmet returns the error of a session that ended before a message that it waited for, else nil.
func (e Ending) unmet(received int) error {
	switch {
	case e.UntilJQ != nil:
		return &UnmetError{"wait for a message for which the jq expression is true: the session ended first"}
	case e.Until != nil:
		return &UnmetError{fmt.Sprintf("wait for a message that matches %q: the session ended first", e.Until)}
	case e.Count == 1 && received == 0:
		return &UnmetError{"wait for a message: the session ended first"}
	case e.Count > received:
		return &UnmetError{fmt.Sprintf("wait for %d messages: the session ended after %d", e.Count, received)}
	}
	return nil
}

// matcher finds the message that ends the session, also if it arrives in fragments.
type matcher struct {
	ending *Ending
	held   []byte // the fragments so far
}

// add reports whether the message that ends with this fragment is the one. The session bounds what is held.
func (m *matcher) add(ctx context.Context, e *client.Event) bool {
	if m.ending.Until == nil && m.ending.UntilJQ == nil {
		return false
	}
	if e.First && e.Last {
		return m.matches(ctx, e.Payload)
	}
	if e.First {
		m.held = m.held[:0]
	}
	m.held = append(m.held, e.Payload...)
	return e.Last && m.matches(ctx, m.held)
}

func (m *matcher) matches(ctx context.Context, message []byte) bool {
	return m.ending.Until != nil && m.ending.Until.Match(message) ||
		m.ending.UntilJQ != nil && m.ending.UntilJQ.Match(ctx, message)
}
