package check

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/dial"
)

// Defaults for options left at zero.
const (
	DefaultJobs    = 4
	DefaultTimeout = time.Second
)

// Options describes a run of checks.
type Options struct {
	URL           string
	Dial          dial.Options
	Jobs          int                    // connections at once; 0 = DefaultJobs
	Timeout       time.Duration          // bounds the wait for an answer; 0 = DefaultTimeout
	Carrier       string                 // a message that the application accepts, for checks that need one; "" = any text
	Protocol      *Protocol              // to log in with on each connection; nil = none
	Baseline      map[string]bool        // IDs of checks that failed in an earlier run
	RepeatCommand func(id string) string // the command that repeats a check

	Calibrated func(*Server)                    // called after calibration; may be nil
	Progress   func(group string, done, of int) // called after each check of a group; may be nil
	GroupDone  func(group string, f []Finding)  // called when a group is complete or was stopped; may be nil
}

// Report is the result of a run.
type Report struct {
	Server   *Server
	Findings []Finding
	Down     string // ID of the check after which the server was down; "" = none
	Stopped  error  // why the run ended early: the cause of its context; nil = it did not
	Seconds  float64
}

// Count returns how many findings have a verdict.
func (r *Report) Count(v Verdict) int {
	return CountFunc(r.Findings, func(f Finding) bool { return f.Verdict == v })
}

// Failed returns how many findings are failures at a level; must, should or security, each of which
// includes those before it, or never.
func (r *Report) Failed(level string) int {
	return CountFunc(r.Findings, func(f Finding) bool { return f.counts(level) })
}

// CountFunc returns the number of findings that match.
func CountFunc(findings []Finding, match func(Finding) bool) int {
	n := 0
	for _, f := range findings {
		if match(f) {
			n++
		}
	}
	return n
}

// Run calibrates and then runs checks, group by group. The error is that of dial.New or Dial if there is no connection at all.
// When ctx is done, the report has the checks so far.
func Run(ctx context.Context, checks []Check, o Options) (*Report, error) {
	o.Jobs, o.Timeout = cmp.Or(o.Jobs, DefaultJobs), cmp.Or(o.Timeout, DefaultTimeout)
	start := time.Now()
	server := &Server{URL: o.URL, Options: o.Dial, Timeout: o.Timeout, Carrier: o.Carrier, Protocol: o.Protocol}
	report := &Report{Server: server}
	if err := server.calibrate(ctx); err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		report.Stopped, report.Seconds = context.Cause(ctx), time.Since(start).Seconds()
		return report, nil
	}
	if o.Calibrated != nil {
		o.Calibrated(server)
	}
	for len(checks) > 0 && report.Down == "" && ctx.Err() == nil {
		g := newGroup(checks, server, o)
		checks = checks[len(g.checks):]
		g.run(ctx)
		report.Findings = append(report.Findings, g.findings()...)
		if g.down.Load() {
			report.Down = g.crashedBy()
		}
		if o.GroupDone != nil {
			o.GroupDone(g.name, g.findings())
		}
	}
	if ctx.Err() != nil {
		report.Stopped = context.Cause(ctx)
	}
	report.Seconds = time.Since(start).Seconds()
	return report, nil
}

// group is a group of checks that is being run.
type group struct {
	name    string
	checks  []Check
	server  *Server
	options Options

	started atomic.Int64 // checks that have started
	down    atomic.Bool  // the server no longer accepts connections

	// of the goroutine in run
	done  []*Finding // by check; nil = not run
	order []int      // indexes of the finished checks, in the order in which they finished
}

// result is the outcome of a check.
type result struct {
	at      int // index of the check
	outcome Outcome
	took    time.Duration
}

// newGroup returns the group of the first checks.
func newGroup(checks []Check, server *Server, o Options) *group {
	n := 1
	for n < len(checks) && checks[n].Group() == checks[0].Group() {
		n++
	}
	return &group{name: checks[0].Group(), checks: checks[:n], server: server, options: o, done: make([]*Finding, n)}
}

// run runs the checks of the group, and then tests whether the server still works.
func (g *group) run(ctx context.Context) {
	results := make(chan result)
	var workers sync.WaitGroup
	for range min(g.options.Jobs, len(g.checks)) {
		workers.Go(func() {
			for at := g.nextCheck(ctx); at >= 0; at = g.nextCheck(ctx) {
				start := time.Now()
				if o, ok := g.runCheck(ctx, g.checks[at]); ok {
					results <- result{at, o, time.Since(start)}
				}
			}
		})
	}
	go func() { // ended by the last worker
		workers.Wait()
		close(results)
	}()
	for r := range results {
		g.record(r)
	}
	if !g.down.Load() && ctx.Err() == nil && !g.server.isAlive(ctx) {
		g.markDown(ctx)
	}
	if g.down.Load() {
		g.markInconclusive()
	}
}

// crashedBy returns the ID of the check that probably crashed the server: of those that ended last, preferably one that sent
// malformed data and lost its connection, then one that sent malformed data.
func (g *group) crashedBy() string {
	last := g.order[max(0, len(g.order)-2*g.options.Jobs):]
	for _, suspicious := range []func(*Finding) bool{
		func(f *Finding) bool { return f.Malformed && f.Lost },
		func(f *Finding) bool { return f.Malformed },
		func(f *Finding) bool { return f.Lost },
		func(*Finding) bool { return true },
	} {
		for _, at := range slices.Backward(last) {
			if suspicious(g.done[at]) {
				return g.done[at].ID
			}
		}
	}
	return g.checks[0].ID
}

// markInconclusive makes failures inconclusive if their checks lost the connection because another check crashed the server.
func (g *group) markInconclusive() {
	crashedBy := g.crashedBy()
	for _, f := range g.done {
		if f != nil && f.Lost && f.Verdict == Fail && f.ID != crashedBy {
			f.Verdict, f.Received = Inconclusive, f.Received+": the server went down"
		}
	}
}

// nextCheck returns the index of the next check to run; -1 = none.
func (g *group) nextCheck(ctx context.Context) int {
	if g.down.Load() || ctx.Err() != nil {
		return -1
	}
	if at := int(g.started.Add(1)) - 1; at < len(g.checks) {
		return at
	}
	return -1
}

// runCheck runs a check. If that fails for lack of a connection although the server is alive, it runs the check once more. It
// reports whether there is an outcome: not if the run was stopped or the server is down.
func (g *group) runCheck(ctx context.Context, c Check) (outcome Outcome, ok bool) {
	outcome, err := c.Run(ctx, g.server)
	if err != nil && ctx.Err() == nil {
		if !g.server.isAlive(ctx) {
			g.markDown(ctx)
			return outcome, false
		}
		outcome, err = c.Run(ctx, g.server)
	}
	if ctx.Err() != nil {
		return outcome, false
	}
	if err != nil {
		outcome = Outcome{Verdict: Inconclusive, Received: "no connection: " + err.Error()}
	}
	if broken := g.brokenBase(ctx, c, outcome); broken != "" {
		outcome.Verdict, outcome.Received = Inconclusive, outcome.Received+"; but see also "+broken
	}
	return outcome, true
}

// brokenBase returns the ID of a failing check that a failed check depends on; "" = none.
func (g *group) brokenBase(ctx context.Context, c Check, o Outcome) string {
	if o.Verdict != Fail {
		return ""
	}
	for _, base := range c.Bases {
		if base.ID != c.ID && g.server.fails(ctx, base) {
			return base.ID
		}
	}
	return ""
}

// markDown ends the group: the server no longer accepts connections.
func (g *group) markDown(ctx context.Context) {
	if ctx.Err() == nil {
		g.down.Store(true)
	}
}

// record stores the outcome of a check.
func (g *group) record(r result) {
	f := &Finding{Check: g.checks[r.at], Outcome: r.outcome, Seconds: r.took.Seconds()}
	f.Known = g.options.Baseline[f.ID] && r.outcome.Verdict == Fail
	if g.options.RepeatCommand != nil {
		f.RepeatCommand = g.options.RepeatCommand(f.ID)
	}
	g.done[r.at] = f
	g.order = append(g.order, r.at)
	if g.options.Progress != nil {
		g.options.Progress(g.name, len(g.order), len(g.checks))
	}
}

// findings returns the findings in the order of the table.
func (g *group) findings() []Finding {
	var found []Finding
	for _, f := range g.done {
		if f != nil {
			found = append(found, *f)
		}
	}
	return found
}

// fails reports whether a check that others depend on fails. It is run once for all of them, as a failure may take long.
func (s *Server) fails(ctx context.Context, c Check) bool {
	s.mu.Lock()
	if s.bases == nil {
		s.bases = map[string]func() bool{}
	}
	fails := s.bases[c.ID]
	if fails == nil {
		fails = sync.OnceValue(func() bool {
			o, err := c.Run(ctx, s)
			return err == nil && o.Verdict != Pass && o.Verdict != Skip
		})
		s.bases[c.ID] = fails
	}
	s.mu.Unlock()
	return fails()
}
