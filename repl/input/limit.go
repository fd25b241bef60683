package input

import (
	"context"
	"errors"
	"io"
	"time"
)

// Limit is a source whose lines are followed by those of other sources for a time only.
type Limit struct {
	first Source // nil = its lines have been delivered
	rest  *Sequence
	time  time.Duration
	end   time.Time // of the time
}

// NewLimit delivers all lines of the first source, then those of the others. It ends when the time has passed since the last
// line of the first, not earlier and not later.
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
