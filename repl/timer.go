package repl

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Timer sends a message periodically.
type Timer struct {
	text    string // as it was written
	every   time.Duration
	message []byte
}

// minInterval is the least time between two messages of a timer.
const minInterval = time.Millisecond

// NewTimer parses "D => MSG". The error is a *RuleError.
func NewTimer(text string) (Timer, error) {
	left, right, err := cutRule(text, "D => MSG")
	if err != nil {
		return Timer{}, err
	}
	every, err := time.ParseDuration(left)
	if seconds, failed := strconv.ParseFloat(left, 64); failed == nil {
		every, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if err != nil || every < minInterval {
		return Timer{}, &RuleError{fmt.Sprintf("%q: %q is not a duration like 30s or 500ms", text, left)}
	}
	return Timer{text, every, []byte(right)}, nil
}

// runTimers sends the messages of timers until ctx ends, except while there is no connection.
func (r *REPL) runTimers(ctx context.Context) {
	due := map[string]time.Time{}
	for {
		now, next := time.Now(), time.Time{}
		left := map[string]time.Time{}
		for i, t := range *r.rules.every.Load() {
			name := strconv.Itoa(i) + t.text
			at, known := due[name]
			if !known {
				at = now.Add(t.every)
			}
			if !now.Before(at) {
				if at = at.Add(t.every); at.Before(now) {
					at = now.Add(t.every)
				}
				r.sendTimed(t)
			}
			left[name] = at
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		due = left
		if !r.awaitTimer(ctx, next) {
			return
		}
	}
}

// awaitTimer waits until the time next, or until the timers change, and reports whether ctx has not ended; zero = only for a
// change.
func (r *REPL) awaitTimer(ctx context.Context, next time.Time) bool {
	var expired <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
	case <-r.rules.changed:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (r *REPL) sendTimed(t Timer) {
	if r.disconnected.Load() {
		return
	}
	kind, data, err := r.ruleMessage(t.message)
	if err != nil {
		r.Output.Error(err)
		return
	}
	if r.session.SendData(kind, data) == nil {
		r.session.Flush()
	}
}

// everyCommand adds a timer, removes one or all, or lists them.
func (r *REPL) everyCommand(_ context.Context, arg string) error {
	err := changeRules(r, &r.rules.every, arg, NewTimer, func(t Timer) string { return t.text })
	select {
	case r.rules.changed <- struct{}{}:
	default:
	}
	return err
}
