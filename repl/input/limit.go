package input

import (
	"context"
	"errors"
	"io"
	"time"
)

// Limit delivers one source whole, and then other sources for a limited time.
type Limit struct {
	first Source // nil = its lines have been delivered
	rest  *Sequence
	time  time.Duration
	end   time.Time // of the time
}

// NewLimit returns a source of all lines of first, then those of rest. It ends exactly d after the end of first.
func NewLimit(first Source, d time.Duration, rest ...Source) *Limit {
	return &Limit{first: first, rest: NewSequence(rest...), time: d}
}

// Ready reports whether a line is there without waiting.
func (l *Limit) Ready() bool {
	if l.first != nil {
		return l.first.Ready()
	}
	return time.Now().Before(l.end) && l.rest.Ready()
}

// Next returns the next line, or io.EOF when the time has passed.
func (l *Limit) Next(ctx context.Context) (Line, error) {
	if l.first != nil {
		line, err := l.first.Next(ctx)
		if !errors.Is(err, io.EOF) {
			return line, err
		}
		l.first, l.end = nil, time.Now().Add(l.time)
	}
	limited, cancel := context.WithDeadline(ctx, l.end)
	defer cancel()
	line, err := l.rest.Next(limited)
	if errors.Is(err, io.EOF) {
		<-limited.Done()
		err = limited.Err()
	}
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return Line{}, io.EOF
	}
	return line, err
}
