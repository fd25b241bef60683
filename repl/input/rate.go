package input

import (
	"context"
	"time"
)

// catchUp is how far behind schedule a Rate may be and still catch up. Waits shorter than the resolution of timers always put
// it a little late; but after a pause of the source no burst may follow.
const catchUp = 50 * time.Millisecond

// Rate delivers the lines of another source, at most a number of messages a second.
type Rate struct {
	from      Source
	clock     Clock
	interval  time.Duration
	due       time.Time // when the next message may be delivered
	next      Line
	hasNext   bool
	inMessage bool // a fragment was delivered: the rest of the message follows without a delay
}

// NewRate limits a source to perSecond messages a second, which must be positive.
func NewRate(from Source, perSecond float64, clock Clock) *Rate {
	return &Rate{from: from, clock: clock, interval: time.Duration(float64(time.Second) / perSecond)}
}

// Ready reports whether a line is available and due.
func (r *Rate) Ready() bool {
	there := r.hasNext || r.from.Ready()
	return there && (r.inMessage || !r.due.After(r.clock.Now()))
}

// Next returns the source's next line once it is due.
func (r *Rate) Next(ctx context.Context) (Line, error) {
	if !r.hasNext {
		line, err := r.from.Next(ctx)
		if err != nil {
			return Line{}, err
		}
		r.next, r.hasNext = line, true
	}
	if !r.inMessage && r.next.Action != Wait {
		if err := r.pause(ctx); err != nil {
			return Line{}, err
		}
	}
	r.hasNext, r.inMessage = false, r.next.Partial
	return r.next, nil
}

// pause waits until the held line is due, and sets when the one after it is.
func (r *Rate) pause(ctx context.Context) error {
	now := r.clock.Now()
	if r.due.Before(now.Add(-catchUp)) {
		r.due = now
	}
	if early := r.due.Sub(now); early > 0 {
		if err := r.clock.Sleep(ctx, early); err != nil {
			return err
		}
	}
	r.due = r.due.Add(r.interval)
	return nil
}
