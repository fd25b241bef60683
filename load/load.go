// Package load opens many connections to a server, sends messages by a scenario, and measures the latency of the replies. The
// result is a report.Report; package report writes it.
//
// In the open model messages are due at fixed times, whatever the server does, and latency counts from the due time. So a
// server that stalls is charged for every message that waited meanwhile. In the closed model a connection sends its next
// message when the reply to the last one has arrived.
package load

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
	"wsx/load/report"
)

// Defaults for options left at zero.
const (
	DefaultConnections = 10
	DefaultDuration    = 10 * time.Second
	DefaultSize        = 32
	DefaultRate        = 200 // at which a search begins, per second
)

// Bounds of the load of one process.
const (
	MaxSize = 64 << 20  // bytes of a message
	MaxRate = 1_000_000 // messages a second
)

const (
	tick             = 500 * time.Millisecond // how often progress is reported
	replyTimeout     = 2 * time.Second        // bounds the wait for replies after the last message was due
	closeTimeout     = time.Second            // bounds the closing handshakes
	maxParallelDials = 64                     // connections opened at the same time
)

// Options describes a run. Dial and Message must be set.
type Options struct {
	URL         string        // for the report
	Scenario    string        // the name of one of Scenarios
	Connections int           // 0 = DefaultConnections; of fanout those that only receive
	Senders     int           // of fanout, besides the receivers; 0 = 1
	Ramp        time.Duration // over which the connections are opened
	Warmup      time.Duration // before measuring begins
	Duration    time.Duration // of measuring; 0 = DefaultDuration
	Rate        float64       // messages per second over all connections, or connections per second; 0 = the closed model
	Message     *Message
	MaxMessage  int64 // bytes a received message may have; 0 = no bound

	// Key returns the part of a message that its reply has as well; nil = replies come in the order of the messages. It is
	// called from several goroutines at once.
	Key     func(payload []byte) (key string, ok bool)
	Pairing string // how replies are paired, for the report; "" = as the other options determine

	// Dial opens connection n, from 0. After the first call has returned, it is called from several goroutines at once.
	Dial     func(ctx context.Context, n int) (Opened, error)
	Opening  []*Verb             // of the dialect: used once on each connection, after its login
	Verb     *Verb               // of the dialect, used for each message; nil = none
	Progress func(report.Tick)   // called twice a second; nil = it is not called
	Sleep    func(time.Duration) // how the pacer sleeps; nil = as precisely as the system can
}

func (o Options) withDefaults() Options {
	o.Connections = cmp.Or(o.Connections, DefaultConnections)
	o.Duration = cmp.Or(o.Duration, DefaultDuration)
	o.Senders = cmp.Or(o.Senders, 1)
	if o.Sleep == nil {
		o.Sleep = preciseSleep
	}
	if o.Progress == nil {
		o.Progress = func(report.Tick) {}
	}
	if o.Pairing == "" && o.Scenario == "echo" {
		o.Pairing = "by order"
		if o.Key != nil {
			o.Pairing = "by an expression"
		}
		if o.Verb != nil {
			o.Pairing = "by the dialect"
		}
	}
	return o
}

// Opened is a connection that Dial has opened.
type Opened struct {
	*dial.Conn
	State *dialect.State // of the dialect; nil = none
}

// LostError is the error when more than half of the connections were lost or could not be opened, so that the report describes
// a failure.
type LostError struct {
	URL               string
	Lost, Connections int
	Close             *report.Close // the first one that the server sent; nil = it sent none
}

func (e *LostError) Error() string {
	message := fmt.Sprintf("load %s: %d of %d connections were lost or could not be opened", e.URL, e.Lost, e.Connections)
	if e.Close == nil {
		return message
	}
	message += fmt.Sprintf("; the server sent Close %d", e.Close.Code)
	if e.Close.Reason != "" {
		message += fmt.Sprintf(" %q", e.Close.Reason)
	}
	return message
}

// UnmeasuredError is the error when nothing arrived that could be measured.
type UnmeasuredError struct {
	URL      string
	Scenario string
	Refused  bool    // all replies were errors
	Rate     float64 // replies per second to earlier messages, which the server still works on
}

func (e *UnmeasuredError) Error() string {
	why := map[string]string{"receive": "no message was received", "fanout": "no message reached a receiver"}[e.Scenario]
	switch {
	case e.Refused:
		why = "all replies were errors"
	case why == "" && e.Rate > 0:
		why = fmt.Sprintf("no message was answered in time: the server is still busy with earlier ones, of which it answers %.0f a second", e.Rate)
	case why == "":
		why = "no message was answered"
	}
	return fmt.Sprintf("load %s: %s", strings.TrimSuffix(e.URL, ":"), why)
}

// Facts returns the reason and its facts, for a hint. The rate is one that the server may keep up with.
func (e *UnmeasuredError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.Refused:
		return "", nil
	case e.Scenario == "echo" && e.Rate > 0:
		return "unmeasured-busy", map[string]string{"rate": fmt.Sprintf("%.0f", max(1, e.Rate/2))}
	}
	return "unmeasured-" + e.Scenario, nil
}

// Verdict returns why a report describes a failure, whatever its objectives are: a *LostError or an *UnmeasuredError; nil = it
// does not.
func Verdict(r *report.Report) error {
	switch {
	case r.MostlyLost():
		return &LostError{URL: r.URL, Lost: r.Missing(), Connections: r.Connections, Close: r.FirstClose}
	case r.Unmeasured():
		return &UnmeasuredError{URL: r.URL, Scenario: r.Scenario, Refused: r.Errors["reply"] > 0, Rate: r.Rate}
	}
	return nil
}

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

// run is one run of a scenario.
type run struct {
	Options
	epoch      time.Time
	id         uint32 // identifies the run in marks
	shards     []*shard
	collected  *collector
	fanout     *fanout // nil in other scenarios
	stream     *stream // nil in other scenarios than receive
	conns      []*conn
	readers    sync.WaitGroup
	senders    sync.WaitGroup
	from, to   atomic.Int64  // messages that are due in between are measured, ns since epoch
	pending    atomic.Int64  // number of messages without a reply
	allReplied chan struct{} // signals that pending has become 0
	ending     atomic.Bool   // connections that end from now on are not errors
	allLost    chan struct{} // closed when all connections are lost

	mu     sync.Mutex // guards the fields below
	begun  bool       // each connection has been opened, or has failed
	opened int
	lost   int
	errors map[string]uint64

	firstClose *report.Close
}

// never is a time after the end of every run.
const never = 1<<63 - 1

func newRun(o Options) *run {
	r := &run{Options: o, epoch: time.Now(), allReplied: make(chan struct{}, 1), allLost: make(chan struct{}), errors: map[string]uint64{}}
	r.id = uint32(r.epoch.UnixNano())
	r.from.Store(never)
	r.to.Store(never)
	r.shards = newShards()
	r.collected = newCollector()
	return r
}

// now returns the time since the epoch, in nanoseconds.
func (r *run) now() int64 { return int64(time.Since(r.epoch)) }

// measured reports whether a message with this due time belongs to the measurement.
func (r *run) measured(due int64) bool { return due >= r.from.Load() && due < r.to.Load() }

// fail counts errors of a kind.
func (r *run) fail(kind string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors[kind] += uint64(n)
}

// recordClose records the first Close that the server sent on its own initiative.
func (r *run) recordClose(payload []byte) {
	if r.ending.Load() {
		return
	}
	code, reason := wire.ParseClose(payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.firstClose == nil {
		r.firstClose = &report.Close{Code: code, Reason: string(reason)}
	}
}

// countLost counts a connection that was lost.
func (r *run) countLost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost++
	if r.begun && r.lost == r.opened {
		close(r.allLost)
	}
}

// begin records that each connection has been opened, or has failed.
func (r *run) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.lost == r.opened {
		close(r.allLost)
	}
}

// await waits for a duration, and reports whether it has passed before ctx was done or the last connection ended.
func (r *run) await(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
	case <-r.allLost:
	}
	return false
}

// replied subtracts messages that have their reply, or will never have one, from pending.
func (r *run) replied(n int) {
	if r.pending.Add(int64(-n)) == 0 {
		select {
		case r.allReplied <- struct{}{}:
		default:
		}
	}
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
