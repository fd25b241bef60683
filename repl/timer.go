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
func (s *state) runTimers(ctx context.Context) {
	due := map[string]time.Time{}
	for {
		now, next := time.Now(), time.Time{}
		left := map[string]time.Time{}
		for i, t := range *s.rules.every.Load() {
			name := strconv.Itoa(i) + t.text
			at, known := due[name]
			if !known {
				at = now.Add(t.every)
			}
			if !now.Before(at) {
				if at = at.Add(t.every); at.Before(now) {
					at = now.Add(t.every)
				}
				s.sendTimed(t)
			}
			left[name] = at
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		due = left
		if !s.awaitTimer(ctx, next) {
			return
		}
	}
}

// awaitTimer waits until the time next, or until the timers change, and reports whether ctx has not ended; zero = only for a
// change.
func (s *state) awaitTimer(ctx context.Context, next time.Time) bool {
	var expired <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
	case <-s.rules.changed:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (s *state) sendTimed(t Timer) {
	if s.disconnected.Load() {
		return
	}
	kind, data, err := s.ruleMessage(t.message)
	if err != nil {
		s.Output.Error(err)
		return
	}
	if s.session.SendData(kind, data) == nil {
		s.session.Flush()
	}
}
