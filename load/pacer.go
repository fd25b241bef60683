package load

import (
	"context"
	"time"
)

const (
	// shortestSleep is the shortest time that the pacer sleeps: being late by this much is better than waking up for each
	// message of a high rate.
	shortestSleep = 100 * time.Microsecond
	// coarseSleep is the time before an event for which the pacer no longer relies on the timers of the runtime.
	coarseSleep = 2 * time.Millisecond
)

// pace calls due for each event with its due time, rate times per second, from the beginning of the warm-up until the end of the
// run or of ctx. It waits for nothing but the time; when it is late it catches up, also after the end, and the due times remain
// exact.
func (r *run) pace(ctx context.Context, rate float64, due func(k int, at int64)) {
	start := r.from.Load() - int64(r.Warmup)
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

// sleepUntil returns at a time, or when ctx is done, which it checks only if the time is not near.
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
