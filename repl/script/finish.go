package script

import (
	"context"
	"errors"
	"slices"

	"wsx/client"
)

// Finish returns the error of a run, given that of its session. Remaining expectations can still be met by messages that were
// received before the end. It is called once; Next may still be waiting, but must not be called again.
func (r *Run) Finish(err error) error {
	r.ended = *r.reached.Load()
	r.ended.results = slices.Clip(r.ended.results) // what Next adds is not seen
	return r.ended.finish(err)
}

func (p *progress) finish(err error) error {
	switch failure := p.failed(); {
	case failure != nil && err == nil:
		return failure
	case failure != nil:
		return err
	case !isEnd(err) || !p.connected():
		return p.fail(err)
	}
	steps := p.run.script.steps
	if p.pending && (steps[p.next()].endsSession() || steps[p.next()].verb == wait) {
		p.pass()
	}
	for ; p.next() < len(steps); p.pass() {
		if failure := p.expectEnd(steps[p.next()], err); failure != nil {
			return failure
		}
	}
	if p.closed {
		return nil
	}
	return err
}

// expectEnd runs a step after the session has ended.
func (p *progress) expectEnd(s step, end error) error {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	why := "the session ended first"
	if end != nil {
		why += ": " + end.Error()
	}
	if s.verb != expect {
		return p.fail(p.failure(s, why, end))
	}
	err := p.await(over, s)
	if errors.Is(err, context.Canceled) || errors.Is(err, errNoMatch) {
		return p.fail(p.failure(s, why, end))
	}
	return err
}

// isEnd reports whether an error is about how a session ended, and not why it could not be opened.
func isEnd(err error) bool {
	var closed *client.CloseError
	var lost *client.LostError
	var broken *client.ProtocolError
	return err == nil || errors.As(err, &closed) || errors.As(err, &lost) || errors.As(err, &broken)
}
