package check

import (
	"fmt"
	"slices"

	"wsx/client/wire"
)

// verdict returns the outcome for the collected reaction.
func (r *reaction) verdict() Outcome {
	switch {
	case r.broken != "":
		return Outcome{Verdict: Fail, Received: r.broken}
	case r.closeFrame != nil:
		return Outcome{Verdict: r.closeVerdict(), Received: r.closeFrame.String()}
	case r.end != nil:
		return Outcome{Verdict: r.endVerdict(), Received: ended(r.end)}
	case r.want.Kind == StaysOpen:
		return r.staysOpen()
	case r.want.Kind == Closes:
		return Outcome{Verdict: Fail, Received: "no Close " + within(r.timeout)}
	case r.want.Kind == Either:
		return r.either()
	case r.pongTime > 0:
		return Outcome{Verdict: Fail, Received: "pong " + after(r.pongTime) + r.latest("and") + ", no Close"}
	}
	return Outcome{Verdict: Fail, Received: "nothing " + within(r.limit()) + r.latest("and")}
}

// closeVerdict returns the verdict on a received Close.
func (r *reaction) closeVerdict() Verdict {
	staysOpen, code := r.want.Kind == StaysOpen, r.closeFrame.code
	switch {
	case r.hasWantedCode() && (!staysOpen || len(r.want.Codes) > 0):
		return Pass
	case code == r.server.Facts.ClosesFirst && code != 0: // whatever was sent
		return Inconclusive
	case staysOpen && r.server.mayClose(code, len(r.want.Messages) > 0):
		return Inconclusive
	case r.want.Kind == Fails && r.data && code == r.server.Facts.Closes: // the application closes with this code after any message
		return Inconclusive
	}
	return Fail
}

// endVerdict returns the verdict on the end of the stream without a Close.
func (r *reaction) endVerdict() Verdict {
	switch {
	case r.want.Kind != StaysOpen:
		return Warn
	case r.server.Facts.Drops && len(r.want.Messages) > 0:
		return Inconclusive
	}
	return Fail
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

func (r *reaction) either() Outcome {
	if r.pongTime > 0 || r.token == nil {
		return Outcome{Verdict: Pass, Received: "the connection stays open"}
	}
	return Outcome{Verdict: Fail, Received: "nothing " + within(r.timeout)}
}

// staysOpen returns the outcome for a connection that must stay open, and did.
func (r *reaction) staysOpen() Outcome {
	switch {
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
