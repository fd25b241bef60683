// Package load opens many connections to a server, sends messages by a scenario, and measures the latency of the replies. The
// result is a report.Report; package report writes it.
//
// In the open model messages are due at fixed times, whatever the server does, and latency counts from the due time. So a
// server that stalls is charged for every message that waited meanwhile. In the closed model a connection sends its next
// message when the reply to the last one has arrived.
package load

import (
	"context"
	"maps"
	"runtime"
	"sync"
	"time"

	"wsx/load/report"
)

// Run opens the connections, runs the scenario for its duration, and closes the connections. If ctx is done earlier, the report
// has what was measured until then. If no connection could be opened, the error is that of Dial.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	o = o.withDefaults()
	r := newRun(o)
	scenario, err := scenarioNamed(o.Scenario)
	if err != nil {
		return nil, err
	}
	return scenario.run(ctx, r)
}

// exchange runs a scenario in which messages are exchanged: start starts sending.
func (r *run) exchange(ctx context.Context, connections int, start func(ctx context.Context)) (*report.Report, error) {
	defer r.close()
	if err := r.open(ctx, connections); err != nil {
		return r.unopened(ctx, connections, err)
	}
	r.begin()
	stopTicks := r.startMeasuring()
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var starting sync.WaitGroup
	starting.Go(func() { start(sending) })

	complete, used := r.measure(ctx)
	if !complete {
		stop()
	}
	starting.Wait() // what was due is sent, however late
	stopTicks()
	if complete {
		r.awaitReplies(ctx)
	} else {
		r.chargeUnanswered(tick)
	}
	return r.report(connections, used, ctx.Err() != nil)
}

// startMeasuring sets the time span that is measured, and reports progress until stopTicks is called.
func (r *run) startMeasuring() (stopTicks func()) {
	began := r.now()
	r.from.Store(began + int64(r.Warmup))
	r.to.Store(began + int64(r.Warmup+r.Duration))
	return r.startTicks()
}

// measure waits for the warm-up and the duration, or until ctx is done or the last connection has ended. It reports whether
// they passed, and returns the processor time of the duration.
func (r *run) measure(ctx context.Context) (complete bool, used cpuTime) {
	complete = r.await(ctx, r.Warmup)
	before := processCPU()
	complete = complete && r.await(ctx, r.Duration)
	r.to.Store(min(r.to.Load(), r.now()))
	return complete, processCPU().since(before)
}

// unopened returns the report of a run that was interrupted while its connections were opened. If it was not interrupted, it
// returns err.
func (r *run) unopened(ctx context.Context, connections int, err error) (*report.Report, error) {
	if ctx.Err() == nil {
		return nil, err
	}
	now := r.now()
	r.from.Store(now)
	r.to.Store(now)
	return r.report(connections, cpuTime{}, true)
}

// awaitReplies waits for the outstanding replies, for at most replyTimeout.
func (r *run) awaitReplies(ctx context.Context) {
	timer := time.NewTimer(replyTimeout)
	defer timer.Stop()
	for r.pending.Load() > 0 {
		select {
		case <-r.allReplied:
		case <-timer.C:
			if n := r.chargeUnanswered(0); n > 0 {
				r.fail("timeout", n)
			}
			return
		case <-ctx.Done():
			r.chargeUnanswered(tick)
			return
		case <-r.allLost:
			return
		}
	}
}

// chargeUnanswered records the measured messages without a reply with the time that they have waited so far, if that is at
// least minWait: without them, a server that answers half of the messages would look fast. It returns their number.
func (r *run) chargeUnanswered(minWait time.Duration) (n int) {
	now := r.now()
	for _, c := range r.conns {
		for _, due := range c.unanswered() {
			if waited := time.Duration(now - due); waited >= minWait {
				c.shard.recordUnanswered(waited)
				n++
			}
		}
	}
	return n
}

// close closes all connections, and waits until their goroutines have ended.
func (r *run) close() {
	r.ending.Store(true)
	r.senders.Go(func() { // sending a dialect's last message may wait for a server that does not read
		for _, c := range r.conns {
			c.startClose()
			runtime.Gosched() // the goroutine that writes it ends before the next is started
		}
	})
	ended := make(chan struct{})
	go func() { // ends with the readers
		defer close(ended)
		r.readers.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(closeTimeout):
	}
	for _, c := range r.conns {
		c.frames.Close()
	}
	<-ended
	r.senders.Wait()
}

// report returns what was measured.
func (r *run) report(connections int, used cpuTime, interrupted bool) (*report.Report, error) {
	r.collected.collect(r.shards)
	seconds := max(0, time.Duration(r.to.Load()-r.from.Load()).Seconds())
	c := r.collected
	rep := &report.Report{
		Version: report.Version, Time: r.epoch.Add(time.Duration(r.from.Load())).UTC().Format(time.RFC3339),
		URL: r.URL, Scenario: r.Scenario, Model: "closed", Asked: r.Rate, Pairing: r.Pairing,
		Connections: connections, Seconds: seconds, Interrupted: interrupted,
		Sent: c.sent, Received: c.received, Unanswered: c.unanswered, Bytes: report.Bytes{Out: c.out, In: c.in},
		CPU: used.report(seconds), Connecting: c.connecting.quantiles(), Intervals: c.intervals,
	}
	r.mu.Lock()
	rep.Opened, rep.Lost, rep.Errors, rep.FirstClose = r.opened, r.lost, maps.Clone(r.errors), r.firstClose
	r.mu.Unlock()
	if r.Rate > 0 {
		rep.Model = "open"
	}
	if seconds > 0 {
		rep.Rate = float64(c.arrived) / seconds
	}
	for _, log := range c.logs {
		if err := rep.LogInterval(log.from, log.to, log.latency); err != nil {
			return nil, err
		}
	}
	return rep, rep.SetHistograms(c.latency, c.late)
}
