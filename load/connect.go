package load

import (
	"context"
	"sync"
	"time"

	"wsx/load/report"
)

// maxDialing is the largest number of connections that the open model opens at the same time. Further ones, which are due when
// the server does not answer, count as errors.
const maxDialing = 10_000

// runConnect opens connections. In the closed model they stay open until the end of the run; in the open model each is closed
// as soon as it is open.
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
	if err := r.open(ctx, r.Connections); err != nil && ctx.Err() == nil {
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
	if opened := r.collected.connecting.total(); opened != nil {
		r.collected.latency.Add(opened)
	}
	rep, err := r.report(r.Connections, used, ctx.Err() != nil)
	if err != nil {
		return nil, err
	}
	rep.Sent, rep.Received = uint64(r.Connections), uint64(r.opened)
	rep.Rate = float64(r.opened) / max(opening, time.Microsecond).Seconds()
	return rep, nil
}

// churn opens connections at a rate, and closes each as soon as it is open.
func (r *run) churn(ctx context.Context) (*report.Report, error) {
	first, err := r.openBrief(ctx, 0, r.now()) // its error would be that of all connections
	if err != nil {
		return r.unopened(ctx, 0, err)
	}
	first.close()
	r.collected.connecting.reset() // the first connection is not measured
	stopTicks := r.startMeasuring()
	pacing, stop := context.WithCancel(ctx)
	slots := make(chan struct{}, maxDialing)
	var dials sync.WaitGroup
	r.senders.Go(func() {
		r.pace(pacing, r.Rate, func(k int, due int64) {
			if r.measured(due) {
				r.shards[0].sent.Add(1)
			}
			select {
			case slots <- struct{}{}:
				r.recordLate(r.shards[0], due)
				dials.Go(func() {
					r.openAndClose(ctx, k, due)
					<-slots
				})
			default:
				r.fail("io", 1)
			}
		})
	})
	complete, used := r.measure(ctx)
	if !complete {
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

// openAndClose opens a connection that was due at a time, logs in if there is a dialect, and closes it.
func (r *run) openAndClose(ctx context.Context, n int, due int64) {
	c, err := r.openBrief(ctx, n, due)
	if err != nil {
		if ctx.Err() == nil && r.measured(due) {
			r.fail(dialKind(err), 1)
		}
		return
	}
	r.record(r.shards[n%len(r.shards)], due, r.now())
	c.close()
}

// briefConn is a connection that is closed as soon as it is open. It is not one of run.conns.
type briefConn struct {
	*conn
	ended chan struct{} // closed when reading has ended
}

// openBrief opens a connection that was due at a time.
func (r *run) openBrief(ctx context.Context, n int, due int64) (*briefConn, error) {
	up, err := r.Dial(ctx, n)
	if err != nil {
		return nil, err
	}
	b := &briefConn{conn: r.newConn(n, up), ended: make(chan struct{})}
	b.handle = r.handler(b.conn)
	go b.drain()
	login, err := b.login(ctx, up)
	if err != nil {
		<-b.ended
		return nil, err
	}
	r.collected.connecting.record(up.Handshake.Timing, login, time.Duration(r.now()-due))
	return b, nil
}

// drain reads until the end of the stream, also after the server's Close.
func (b *briefConn) drain() {
	defer close(b.ended)
	b.receive()
	for {
		if _, err := b.frames.Next(); err != nil {
			return
		}
	}
}

// close performs the closing handshake, so that the server does not see an abnormal closure.
func (b *briefConn) close() {
	timer := time.AfterFunc(closeTimeout, func() { b.frames.Close() })
	defer timer.Stop()
	b.startClose()
	<-b.ended
	b.frames.Close()
}
