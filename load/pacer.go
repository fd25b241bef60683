package load

import (
	"context"
	"time"
)

const (
	// shortestSleep is how long the pacer sleeps at least: waking up for each message of a high rate costs more than a
	// lateness of this.
	shortestSleep = 100 * time.Microsecond
	// coarseSleep is how close to the time the pacer relies on the timers of the runtime.
	coarseSleep = 2 * time.Millisecond
)

// pace calls due with the time at which each event is due, rate a second, from now until the end of the run or of ctx. It never
// waits for anything but the time; when it is late it catches up, also after the end, and the times stay what they should
// have been.
func (r *run) pace(ctx context.Context, rate float64, due func(k int, at int64)) {
	start := r.now()
	for k := 0; ctx.Err() == nil; {
		at := start + int64(float64(k)*float64(time.Second)/rate)
		if at >= r.to.Load() {
			return
		}
		if now := r.now(); at > now {
			r.sleepUntil(ctx, max(at, now+int64(shortestSleep)))
			continue
		}
		due(k, at)
		k++
	}
}

// sleepUntil returns at a time, or when ctx ends, if that is not near.
func (r *run) sleepUntil(ctx context.Context, at int64) {
	if wait := time.Duration(at - r.now()); wait > 2*coarseSleep {
		select {
		case <-time.After(wait - coarseSleep):
		case <-ctx.Done():
			return
		}
	}
	if wait := time.Duration(at - r.now()); wait > 0 {
		r.Sleep(wait)
	}
}
