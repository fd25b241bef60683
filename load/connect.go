package load

import (
	"context"
	"sync"
	"time"

	"wsx/load/report"
)

// mostDialing is how many connections the open model opens at once. More are due when the server does not answer; they
// count as errors.
const mostDialing = 10_000

// runConnect opens connections. In the closed model they stay open until the run is over; in the open model each is closed
// when it was opened.
func runConnect(ctx context.Context, r *run) (*report.Report, error) {
	if r.Rate > 0 {
		return r.churn(ctx)
	}
	return r.hold(ctx)
}

// hold opens connections and keeps them open for the duration.
func (r *run) hold(ctx context.Context) (*report.Report, error) {
	defer r.close()
	before := processCPU()
	r.from.Store(0)
	if err := r.open(ctx, r.Connections); err != nil {
		return nil, err
	}
	opening := time.Duration(r.now())
	r.to.Store(int64(opening))
	used := processCPU().since(before)
	r.begin()
	stop := r.everyTick(func() {
		t := r.progress(r.now())
		t.Phase, t.Elapsed, t.Total = "holding", time.Duration(r.now())-opening, r.Duration
		r.Progress(t)
	})
	r.await(ctx, r.Duration)
	stop()
	r.collected.latency.Add(r.collected.connecting.total())
	rep, err := r.report(r.Connections, used, ctx.Err() != nil)
	if err != nil {
		return nil, err
	}
	rep.Sent, rep.Received = uint64(r.Connections), uint64(r.opened)
	rep.Rate = float64(r.opened) / max(opening, time.Microsecond).Seconds()
	return rep, nil
}

// churn opens connections at a rate, and closes each when it was opened.
func (r *run) churn(ctx context.Context) (*report.Report, error) {
	first, err := r.Dial(ctx, 0) // what is wrong with it is wrong with all
	if err != nil {
		return nil, err
	}
	r.closeSession(first)
	began := r.now()
	r.from.Store(began + int64(r.Warmup))
	r.to.Store(began + int64(r.Warmup+r.Duration))
	stopTicks := r.startTicks()
	pacing, stop := context.WithCancel(ctx)
	slots := make(chan struct{}, mostDialing)
	var dials sync.WaitGroup
	r.senders.Go(func() {
		r.pace(pacing, r.Rate, func(k int, due int64) {
			if r.measured(due) {
				r.shards[0].sent.Add(1)
			}
			select {
			case slots <- struct{}{}:
				r.shards[0].recordLate(r, due)
				dials.Go(func() {
					r.openAndClose(ctx, k, due)
					<-slots
				})
			default:
				r.fail("io", 1)
			}
		})
	})
	whole := r.await(ctx, r.Warmup)
	before := processCPU()
	whole = whole && r.await(ctx, r.Duration)
	r.to.Store(min(r.to.Load(), r.now()))
	used := processCPU().since(before)
	if !whole {
		stop()
	}
	r.senders.Wait() // what was due is opened, however late
	stop()
	stopTicks()
	dials.Wait() // each ends at its time limit, or with ctx
	rep, err := r.report(0, used, ctx.Err() != nil)
	if err == nil {
		rep.Connections, rep.Opened = int(rep.Sent), int(rep.Received)
	}
	return rep, err
}

// openAndClose opens a connection that was due at a time.
func (r *run) openAndClose(ctx context.Context, n int, due int64) {
	up, err := r.Dial(ctx, n)
	if err != nil {
		if ctx.Err() == nil && r.measured(due) {
			r.fail(dialKind(err), 1)
		}
		return
	}
	now := r.now()
	r.collected.connecting.record(up.Handshake.Timing, time.Duration(now-due))
	r.shards[n%len(r.shards)].record(r, due, now)
	r.closeSession(up)
}

// closeSession performs the closing handshake, so that the server does not take the connection for lost.
func (r *run) closeSession(up Opened) {
	c := r.newConn(0, up)
	c.run.finishing.Store(true)
	enough := time.AfterFunc(closing, func() { up.Stream.Close() })
	defer enough.Stop()
	c.sayClose()
	for {
		if _, err := c.frames.Next(); err != nil {
			break
		}
	}
	c.frames.Close()
}
