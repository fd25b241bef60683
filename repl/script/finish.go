package script

import (
	"context"
	"errors"
	"time"

	"wsx/client"
)

// state is the state of a step.
type state uint8

const (
	notReached state = iota
	passed
	failed
)

// result is the result of a step.
type result struct {
	state state
	took  time.Duration
	err   error // failed: why
}

// passConnect records that the session is connected.
func (r *Run) passConnect() {
	if r.results[0].state == notReached {
		r.setResult(0, result{state: passed})
	}
}

// pass records that the current step has passed.
func (r *Run) pass() {
	r.pending = false
	r.next++
	r.setResult(r.next, result{state: passed})
}

// fail records that the current step failed, or connecting if there is no step yet, and returns err.
func (r *Run) fail(err error) error {
	at := r.next + 1
	if r.results[0].state == notReached {
		at = 0
	}
	if at < len(r.results) {
		r.setResult(at, result{state: failed, err: err})
	}
	return err
}

// setResult sets the result of a step, and the time that it took until now.
func (r *Run) setResult(at int, how result) {
	now := time.Now()
	how.took = now.Sub(r.stepStart)
	r.stepStart, r.results[at] = now, how
}

// Finish returns the error of a run, given that of its session. Remaining expectations can still be met by messages that were
// received before the end.
func (r *Run) Finish(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch failure := r.failed(); {
	case failure != nil && err == nil:
		return failure
	case failure != nil:
		return err
	case !isEnd(err) || r.results[0].state == notReached:
		return r.fail(err)
	}
	if r.pending && (r.script.steps[r.next].endsSession() || r.script.steps[r.next].verb == wait) {
		r.pass()
	}
	for ; r.next < len(r.script.steps); r.pass() {
		if failure := r.expectEnd(r.script.steps[r.next], err); failure != nil {
			return failure
		}
	}
	if r.closed {
		return nil
	}
	return err
}

// expectEnd runs a step after the session has ended.
func (r *Run) expectEnd(s step, end error) error {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	why := "the session ended first"
	if end != nil {
		why += ": " + end.Error()
	}
	if s.verb != expect {
		return r.fail(r.failure(s, why, end))
	}
	err := r.await(over, s)
	if errors.Is(err, context.Canceled) || errors.Is(err, errNoMatch) {
		return r.fail(r.failure(s, why, end))
	}
	return err
}

// failed returns the error of the first step that failed; nil = no step failed.
func (r *Run) failed() error {
	for _, one := range r.results {
		if one.state == failed {
			return one.err
		}
	}
	return nil
}

// isEnd reports whether an error tells how a session ended, and not why it could not be opened.
func isEnd(err error) bool {
	var closed *client.CloseError
	var lost *client.LostError
	var broken *client.ProtocolError
	return err == nil || errors.As(err, &closed) || errors.As(err, &lost) || errors.As(err, &broken)
}
