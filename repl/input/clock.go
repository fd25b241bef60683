package input

import (
	"context"
	"time"
)

// Clock is the clock for pacing messages.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error // nil, or the context's error
}

// SystemClock is the clock of the system.
type SystemClock struct{}

// Now returns the present time.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits for d, or until ctx ends.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
