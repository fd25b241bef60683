package check

import (
	"fmt"
	"slices"

	"wsx/client/wire"
)

// verdict judges what was collected.
func (r *reaction) verdict() Outcome {
	if r.broken != "" {
		return Outcome{Verdict: Fail, Came: r.broken}
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
	case r.close != nil && r.right():
		return Outcome{Verdict: Pass, Came: r.close.String()}
	case r.close != nil && r.data && r.close.code == r.server.Facts.Closes: // as for any message
		return Outcome{Verdict: Inconclusive, Came: r.close.String()}
	case r.close != nil:
		return Outcome{Verdict: Fail, Came: r.close.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Came: ended(r.end)}
	case r.ponged > 0:
		return Outcome{Verdict: Fail, Came: "pong " + after(r.ponged) + r.latest("and") + ", no Close"}
	}
	return Outcome{Verdict: Fail, Came: "nothing " + within(r.limit()) + r.latest("and")}
}

// latest returns a word and the message that came last, behind a comma; "" = none came.
func (r *reaction) latest(word string) string {
	if len(r.messages) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s %s", word, r.messages[len(r.messages)-1])
}

// right reports whether the Close that came has a code that is wanted. A frame that states 1005 is never right.
func (r *reaction) right() bool {
	code := r.close.code
	switch {
	case r.close.stated && !wire.ValidCode(code):
		return false
	case len(r.want.Codes) > 0:
		return slices.Contains(r.want.Codes, code)
	}
	return true
}

func (r *reaction) closes() Outcome {
	switch {
	case r.close != nil && r.right():
		return Outcome{Verdict: Pass, Came: r.close.String()}
	case r.close != nil:
		return Outcome{Verdict: Fail, Came: r.close.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Came: ended(r.end)}
	}
	return Outcome{Verdict: Fail, Came: "no Close " + within(r.patience)}
}

func (r *reaction) either() Outcome {
	switch {
	case r.close != nil && !r.right():
		return Outcome{Verdict: Fail, Came: r.close.String()}
	case r.close != nil:
		return Outcome{Verdict: Pass, Came: r.close.String()}
	case r.end != nil:
		return Outcome{Verdict: Warn, Came: ended(r.end)}
	case r.ponged > 0, r.token == nil:
		return Outcome{Verdict: Pass, Came: "the connection stays open"}
	}
	return Outcome{Verdict: Fail, Came: "nothing " + within(r.patience)}
}

func (r *reaction) staysOpen() Outcome {
	switch {
	case r.close != nil && len(r.want.Codes) > 0 && r.right():
		return Outcome{Verdict: Pass, Came: r.close.String()}
	case r.close != nil && r.server.mayClose(r.close.code, len(r.want.Messages) > 0):
		return Outcome{Verdict: Inconclusive, Came: r.close.String()}
	case r.close != nil:
		return Outcome{Verdict: Fail, Came: r.close.String()}
	case r.end != nil && r.server.Facts.Drops && len(r.want.Messages) > 0:
		return Outcome{Verdict: Inconclusive, Came: ended(r.end)}
	case r.end != nil:
		return Outcome{Verdict: Fail, Came: ended(r.end)}
	case r.token != nil && r.ponged == 0:
		return Outcome{Verdict: Fail, Came: "no pong " + within(r.patience)}
	case slices.ContainsFunc(r.pongs, func(p string) bool { return slices.Contains(r.want.NoPongs, p) }):
		return Outcome{Verdict: Fail, Came: "a pong in answer to a pong"}
	case !r.pongsCame():
		return Outcome{Verdict: Fail, Came: "pongs " + list(r.pongs)}
	}
	if missing := r.missing(); len(missing) > 0 {
		return Outcome{Verdict: Fail, Came: fmt.Sprintf("the message %s was not echoed %s%s", quote(missing[0].Payload), within(r.patience), r.latest("but"))}
	}
	if r.token == nil {
		return Outcome{Verdict: Pass, Came: "no Close " + within(r.limit())}
	}
	return Outcome{Verdict: Pass, Came: "pong " + after(r.ponged) + r.latest("and")}
}

// mayClose reports whether an application may end a connection with a code for reasons of its own, after it was sent a
// message or none.
func (s *Server) mayClose(code int, sentMessage bool) bool {
	switch {
	case code == 1003, code == 1008, code >= 3000 && code <= 4999:
		return true
	}
	return sentMessage && code == s.Facts.Closes && code != 0
}
