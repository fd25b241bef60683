package load

import (
	"sync"
	"time"

	"wsx/load/report"
)

// maxIntervals is the largest number of intervals in a report.
const maxIntervals = 600

// startTicks collects counters and reports progress twice a second, until stop is called.
func (r *run) startTicks() (stop func()) {
	length := tick*(1+r.Duration/tick/maxIntervals) - tick/2 // a tick may come a little early
	stopTicker := r.everyTick(func() {
		r.collected.collect(r.shards)
		now := r.now()
		r.Progress(r.progress(now))
		if from := r.from.Load(); now > from && now-max(r.collected.began, from) >= int64(length) {
			r.collected.cut(r, now)
		}
	})
	return func() {
		stopTicker()
		r.collected.collect(r.shards)
		if now := r.now(); now > r.from.Load() && now-r.collected.began > int64(tick/5) {
			r.collected.cut(r, now)
		}
	}
}

// tickWhileOpening reports progress while connections are opened, until stop is called.
func (r *run) tickWhileOpening() (stop func()) {
	return r.everyTick(func() {
		r.mu.Lock()
		opened := r.opened
		r.mu.Unlock()
		r.Progress(report.Tick{Phase: "connecting", Elapsed: time.Duration(r.now()), Open: opened})
	})
}

// everyTick calls f twice a second on its own goroutine, until stop is called.
func (r *run) everyTick(f func()) (stop func()) {
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				f()
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		ticking.Wait()
	}
}

// progress returns the progress of the run.
func (r *run) progress(now int64) report.Tick {
	c := r.collected
	t := report.Tick{Phase: "measuring"}
	from, to := r.from.Load(), r.to.Load()
	t.Elapsed, t.Total = time.Duration(now-from), time.Duration(to-from)
	if now < from {
		t.Phase, t.Elapsed = "warming up", time.Duration(now-from+int64(r.Warmup))
	}
	t.P50, t.P99 = c.interval.Percentile(50), c.interval.Percentile(99)
	t.Rate = float64(c.interval.Count()) / tick.Seconds()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.Open = r.opened - r.lost
	for _, n := range r.errors {
		t.Failed += n
	}
	return t
}

// cut ends the current interval of the report.
func (c *collector) cut(r *run, now int64) {
	from := max(c.began, r.from.Load())
	seconds := time.Duration(now - from).Seconds()
	q := c.coarse.Quantiles()
	c.intervals = append(c.intervals, report.Interval{
		At: time.Duration(now - r.from.Load()).Seconds(), Rate: float64(c.arrived-c.before) / seconds, P50: q.P50, P99: q.P99, Max: q.Max,
	})
	c.logs = append(c.logs, logged{r.epoch.Add(time.Duration(from)), r.epoch.Add(time.Duration(now)), c.coarse})
	c.coarse = report.NewHistogram()
	c.began, c.before = now, c.arrived
}
