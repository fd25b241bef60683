package check

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"wsx/client/dial"
)

// Defaults for options left at zero.
const (
	DefaultJobs     = 4
	DefaultPatience = time.Second
)

// Options say how a server is judged.
type Options struct {
	URL      string
	Dial     dial.Options
	Jobs     int           // connections at once; 0 = DefaultJobs
	Patience time.Duration // how long an answer may take; 0 = DefaultPatience
	Carrier  string        // a message that the application accepts, for checks that need one; "" = any text
	Protocol *Protocol     // that each connection is logged in with; nil = none
	Baseline map[string]bool
	Again    func(id string) string // the command that repeats a check

	Began    func(*Server)                    // is called when calibration is done; nil = nothing is
	Progress func(group string, done, of int) // is called when a check of a group was tried, by one goroutine at a time; nil = nothing is
	Judged   func(group string, f []Finding)  // is called when a group is complete, or was cut short; nil = nothing is
}

// Report is what a run found.
type Report struct {
	Server   *Server
	Findings []Finding
	Down     string // the check after which the server was down; "" = it was not
	Stopped  error  // why the run ended early: the cause of its context; nil = it did not
	Seconds  float64
}

// Count returns how many findings have a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, f := range r.Findings {
		if f.Verdict == v {
			n++
		}
	}
	return n
}

// Failed returns how many findings are failures at a level; see Finding.Counts.
func (r *Report) Failed(level string) int {
	n := 0
	for _, f := range r.Findings {
		if f.Counts(level) {
			n++
		}
	}
	return n
}

// Run calibrates and then tries checks, group by group. It fails only if there is no connection at all, as dial.New and
// Dial do; a context that ends cuts it short.
func Run(ctx context.Context, checks []Check, o Options) (*Report, error) {
	o.Jobs, o.Patience = cmp.Or(o.Jobs, DefaultJobs), cmp.Or(o.Patience, DefaultPatience)
	start := time.Now()
	server := &Server{URL: o.URL, Options: o.Dial, Patience: o.Patience, Carrier: o.Carrier, Protocol: o.Protocol}
	report := &Report{Server: server}
	if err := server.calibrate(ctx); err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		report.Stopped, report.Seconds = context.Cause(ctx), time.Since(start).Seconds()
		return report, nil
	}
	if o.Began != nil {
		o.Began(server)
	}
	for len(checks) > 0 && report.Down == "" && ctx.Err() == nil {
		g := newGroup(checks, server, o)
		checks = checks[len(g.checks):]
		g.run(ctx)
		report.Findings = append(report.Findings, g.findings()...)
		if g.down {
			report.Down = g.culprit()
		}
		if o.Judged != nil {
			o.Judged(g.name, g.findings())
		}
	}
	if ctx.Err() != nil {
		report.Stopped = context.Cause(ctx)
	}
	report.Seconds = time.Since(start).Seconds()
	return report, nil
}

// group is a group of checks that is being tried.
type group struct {
	name    string
	checks  []Check
	server  *Server
	options Options

	mu    sync.Mutex // guards the fields below
	next  int        // the first check that was not begun
	done  []*Finding // by check; nil = not tried
	order []int      // the checks that were tried, in the order in which they ended
	down  bool       // the server takes no connections any more
}

// newGroup makes a group of the checks at the beginning that belong to one.
func newGroup(checks []Check, server *Server, o Options) *group {
	n := 1
	for n < len(checks) && checks[n].Group() == checks[0].Group() {
		n++
	}
	return &group{name: checks[0].Group(), checks: checks[:n], server: server, options: o, done: make([]*Finding, n)}
}

// run tries the checks of the group, and then whether the server is still there.
func (g *group) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range min(g.options.Jobs, len(g.checks)) {
		workers.Go(func() {
			for at := g.take(ctx); at >= 0; at = g.take(ctx) {
				g.try(ctx, at)
			}
		})
	}
	workers.Wait()
	if !g.down && ctx.Err() == nil && !g.server.canary(ctx) && ctx.Err() == nil {
		g.down = true
	}
	if g.down {
		g.excuse()
	}
}

// culprit is the check after which the server was down. Of those that ended last, it is one that sent what is malformed, if
// there is one: first one that lost its connection.
func (g *group) culprit() string {
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

// excuse takes back failures of checks that lost their connections when the server went down for another.
func (g *group) excuse() {
	culprit := g.culprit()
	for _, f := range g.done {
		if f != nil && f.Lost && f.Verdict == Fail && f.ID != culprit {
			f.Verdict, f.Came = Inconclusive, f.Came+": the server went down"
		}
	}
}

// take returns the next check to try, -1 after the last.
func (g *group) take(ctx context.Context) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == len(g.checks) || g.down || ctx.Err() != nil {
		return -1
	}
	g.next++
	return g.next - 1
}

// try tries a check. If there is no connection, and there is one to be had after all, once more.
func (g *group) try(ctx context.Context, at int) {
	c := g.checks[at]
	start := time.Now()
	outcome, err := c.Judge(ctx, g.server)
	if err != nil && ctx.Err() == nil {
		if !g.server.canary(ctx) {
			g.declareDown(ctx)
			return
		}
		outcome, err = c.Judge(ctx, g.server)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		outcome = Outcome{Verdict: Inconclusive, Came: "no connection: " + err.Error()}
	}
	if broken := g.brokenBase(ctx, c, outcome); broken != "" {
		outcome.Verdict, outcome.Came = Inconclusive, outcome.Came+"; but see also "+broken
	}
	g.note(at, outcome, time.Since(start))
}

// brokenBase is the rule that a failed check builds on and that is broken itself; "" = none.
func (g *group) brokenBase(ctx context.Context, c Check, o Outcome) string {
	if o.Verdict != Fail {
		return ""
	}
	for _, base := range c.Bases {
		if base.ID != c.ID && g.server.breaks(ctx, base) {
			return base.ID
		}
	}
	return ""
}

// declareDown ends the group: the server takes no connections any more.
func (g *group) declareDown(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = g.down || ctx.Err() == nil
}

// note keeps what a check found.
func (g *group) note(at int, o Outcome, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := &Finding{Check: g.checks[at], Outcome: o, Seconds: took.Seconds()}
	f.Known = g.options.Baseline[f.ID] && o.Verdict == Fail
	if g.options.Again != nil {
		f.Again = g.options.Again(f.ID)
	}
	g.done[at] = f
	g.order = append(g.order, at)
	if g.options.Progress != nil {
		g.options.Progress(g.name, len(g.order), len(g.checks))
	}
}

// findings are the checks that were tried, in the order of the table.
func (g *group) findings() []Finding {
	var found []Finding
	for _, f := range g.done {
		if f != nil {
			found = append(found, *f)
		}
	}
	return found
}
