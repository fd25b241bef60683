package check

import (
	"fmt"
	"slices"

	"wsx/client/wire"
)

// verdict returns the outcome for the collected reaction.
func (r *reaction) verdict() Outcome {
	if r.broken != "" {
		return Outcome{Verdict: Fail, Received: r.broken}
	}
	switch r.want.Kind {
	case StaysOpen:
		return r.staysOpen()
	case Closes:
		return r.closes()
	case Either:
		return r.either()
	}
	return r.fails()
}

func (r *reaction) fails() Outcome {
	switch {
	case r.closeFrame != nil && r.hasWantedCode():
		return Outcome{Verdict: Pass, Received: r.closeFrame.String()}
	case r.closeFrame != nil && r.data && r.closeFrame.code == r.server.Facts.Closes: // the application closes with this code after any message
		return Outcome{Verdict: Inconclusive, Received: r.closeFrame.String()}
	case r.closeFrame != nil:
		return Outcome{Verdict: Fail, Received: r.closeFrame.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Received: ended(r.end)}
	case r.pongTime > 0:
		return Outcome{Verdict: Fail, Received: "pong " + after(r.pongTime) + r.latest("and") + ", no Close"}
	}
	return Outcome{Verdict: Fail, Received: "nothing " + within(r.limit()) + r.latest("and")}
}

// latest returns a word and the last received message, after a comma; "" = none.
func (r *reaction) latest(word string) string {
	if len(r.messages) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s %s", word, r.messages[len(r.messages)-1])
}

// hasWantedCode reports whether the received Close has an expected code. A frame with the code 1005 is always invalid.
func (r *reaction) hasWantedCode() bool {
	code := r.closeFrame.code
	switch {
	case r.closeFrame.hasCode && !wire.ValidCode(code):
		return false
	case len(r.want.Codes) > 0:
		return slices.Contains(r.want.Codes, code)
	}
	return true
}

func (r *reaction) closes() Outcome {
	switch {
	case r.closeFrame != nil && r.hasWantedCode():
		return Outcome{Verdict: Pass, Received: r.closeFrame.String()}
	case r.closeFrame != nil:
		return Outcome{Verdict: Fail, Received: r.closeFrame.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Received: ended(r.end)}
	}
	return Outcome{Verdict: Fail, Received: "no Close " + within(r.timeout)}
}

func (r *reaction) either() Outcome {
	switch {
	case r.closeFrame != nil && !r.hasWantedCode():
		return Outcome{Verdict: Fail, Received: r.closeFrame.String()}
	case r.closeFrame != nil:
		return Outcome{Verdict: Pass, Received: r.closeFrame.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Received: ended(r.end)}
	case r.pongTime > 0, r.token == nil:
		return Outcome{Verdict: Pass, Received: "the connection stays open"}
	}
	return Outcome{Verdict: Fail, Received: "nothing " + within(r.timeout)}
}

func (r *reaction) staysOpen() Outcome {
	switch {
	case r.closeFrame != nil && len(r.want.Codes) > 0 && r.hasWantedCode():
		return Outcome{Verdict: Pass, Received: r.closeFrame.String()}
	case r.closeFrame != nil && r.server.mayClose(r.closeFrame.code, len(r.want.Messages) > 0):
		return Outcome{Verdict: Inconclusive, Received: r.closeFrame.String()}
	case r.closeFrame != nil:
		return Outcome{Verdict: Fail, Received: r.closeFrame.String()}
	case r.end != nil && r.server.Facts.Drops && len(r.want.Messages) > 0:
		return Outcome{Verdict: Inconclusive, Received: ended(r.end)}
	case r.end != nil:
		return Outcome{Verdict: Fail, Received: ended(r.end)}
	case r.token != nil && r.pongTime == 0:
		return Outcome{Verdict: Fail, Received: "no pong " + within(r.timeout)}
	case slices.ContainsFunc(r.pongs, func(p string) bool { return slices.Contains(r.want.NoPongs, p) }):
		return Outcome{Verdict: Fail, Received: "a pong in answer to a pong"}
	case !r.hasPongs():
		return Outcome{Verdict: Fail, Received: "pongs " + list(r.pongs)}
	}
	if missing := r.missing(); len(missing) > 0 {
		return Outcome{Verdict: Fail, Received: fmt.Sprintf("the message %s was not echoed %s%s", quote(missing[0].Payload), within(r.timeout), r.latest("but"))}
	}
	if r.token == nil {
		return Outcome{Verdict: Pass, Received: "no Close " + within(r.limit())}
	}
	return Outcome{Verdict: Pass, Received: "pong " + after(r.pongTime) + r.latest("and")}
}

// mayClose reports whether an application may close a connection with a code for reasons of its own; sentMessage is true
// if it was sent a message.
func (s *Server) mayClose(code int, sentMessage bool) bool {
	switch {
	case code == 1003, code == 1008, code >= 3000 && code <= 4999:
		return true
	}
	return sentMessage && code == s.Facts.Closes && code != 0
}
