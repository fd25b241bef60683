package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/load"
	"wsx/load/report"
)

// bench runs wsx bench.
func (f *flags) bench(s environment, b *benchFlags, args []string) error {
	run, err := f.benchRun(s, b, args)
	if err != nil {
		return err
	}
	if b.print.Value != "" {
		options := run.options
		options.URL = run.url
		return load.WriteK6(s.stdout, load.K6{Options: options, Dial: run.dial, Text: run.text, Match: b.match, Objectives: run.objectives, Secrets: b.showSecrets})
	}
	signals := catchSignals()
	restore := func() {
		run.ui.restore()
		if run.live != nil {
			run.live.Clear()
		}
	}
	defer s.guard(restore)()
	ctx, stop := interrupted(s, signals, restore)
	defer stop()
	var builtinOptions client.Options
	url, end, err := startBuiltin(ctx, run.url, &builtinOptions)
	if err != nil {
		return err
	}
	defer end()
	builtin := url != run.url
	if builtin {
		run.url, run.dial.Proxy = url, builtinOptions.Proxy
	}
	if err := run.checkMachine(builtin); err != nil {
		return err
	}
	if err := canWrite(run.html, run.hdr); err != nil {
		return err
	}
	debug.SetGCPercent(50) // the live heap hardly changes, so the default headroom would be most of the memory
	ctx, stopWatching := untilOutputClosed(ctx, s)
	defer stopWatching()
	rep, err := run.measure(ctx)
	restore()
	if err == nil {
		err = run.writeReports(s, rep)
	}
	if err == nil {
		err = run.verdict(ctx, rep)
	}
	return ignoreClosedOutput(ctx, s, err)
}

// checkMachine fails if this machine cannot open the connections. A server inside the program needs descriptors, too.
func (r *benchRun) checkMachine(builtin bool) error {
	need := r.need(r.options.Connections, builtin)
	if r.find {
		need = load.Need{} // the check only raises the limit of descriptors; the search stops at that limit
	}
	if err := load.CheckMachine(need); err != nil {
		limit := err.(*load.LimitError)
		moreSources := "--sources ADDR,ADDR connects from more addresses; on loopback, all of 127.0.0.0/8 can be used"
		return &dial.UsageError{Message: limit.Message, Hint: cmp.Or(limit.Hint, moreSources)}
	}
	return nil
}

// need returns the resources of this machine that a number of connections needs.
func (r *benchRun) need(connections int, builtin bool) load.Need {
	if r.options.Scenario == "fanout" {
		connections += r.senders
	}
	n := load.Need{Sources: len(r.sources), During: r.options.Warmup + r.options.Duration}
	if r.options.Scenario == "connect" && r.options.Rate > 0 {
		n.Churn = r.options.Rate
		return n
	}
	sockets := (connections + r.perConnection - 1) / r.perConnection
	n.Descriptors, n.Ports = sockets, sockets
	if builtin {
		n.Descriptors *= 2
	}
	if r.dial.UnixSocket != "" || strings.HasPrefix(r.url, "ws+unix:") {
		n.Ports = 0
	}
	return n
}

// measure runs the load once, or searches for the highest rate.
func (r *benchRun) measure(ctx context.Context) (*report.Report, error) {
	if !r.find {
		return r.once(ctx, r.options)
	}
	search := load.Search{Objectives: r.objectives, Start: cmp.Or(r.options.Rate, load.DefaultRate), Measure: func(ctx context.Context, value float64, duration time.Duration) (*report.Report, error) {
		o := r.options
		o.Rate, o.Duration = value, duration
		return r.once(ctx, o)
	}}
	if r.options.Scenario == "connect" {
		search.Whole, search.Start, search.Highest = true, float64(r.options.Connections), float64(load.MaxConnections(len(r.sources)))
		search.Measure = func(ctx context.Context, value float64, duration time.Duration) (*report.Report, error) {
			return load.OpenOften(ctx, int(value), duration, func(ctx context.Context, held time.Duration) (*report.Report, error) {
				o := r.options
				o.Connections, o.Duration = int(value), held
				return r.once(ctx, o)
			})
		}
	}
	if r.live != nil {
		search.Step = func(n int, value float64) { r.live.Begin(fmt.Sprintf("step %d, %.0f: ", n, value)) }
	}
	return load.Find(ctx, search)
}

// once runs the load one time.
func (r *benchRun) once(ctx context.Context, o load.Options) (*report.Report, error) {
	dialers, err := r.dialers(ctx)
	if err != nil {
		return nil, openingError(ctx, err)
	}
	o.Dial = func(ctx context.Context, n int) (load.Opened, error) {
		up, err := dialers[n%len(dialers)].Dial(ctx)
		return load.Opened{Conn: up}, err
	}
	if r.as != nil {
		o.Dial = r.dialAs
	}
	if r.perConnection > 1 {
		shared := &sharedDialer{run: r, conns: map[int]sharedConn{}}
		defer shared.close()
		o.Dial = shared.dial
	}
	return load.Run(ctx, o)
}

// dialers returns a dialer for each source address.
func (r *benchRun) dialers(ctx context.Context) ([]*dial.Dialer, error) {
	var all []*dial.Dialer
	for n := range max(1, len(r.sources)) {
		d, err := dial.New(ctx, r.url, r.dialOptions(n))
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// dialOptions returns the options of connection n, with its source address.
func (r *benchRun) dialOptions(n int) dial.Options {
	o := r.dial
	if len(r.sources) > 0 {
		o.Source = r.sources[n%len(r.sources)]
	}
	return o
}

// sharedDialer opens several sessions on each connection of HTTP/2.
type sharedDialer struct {
	run *benchRun

	mu    sync.Mutex // guards the field below
	conns map[int]sharedConn
}

// sharedConn returns a connection, which the first of its sessions opens.
type sharedConn func() (*dial.SharedConn, error)

func (d *sharedDialer) dial(ctx context.Context, n int) (load.Opened, error) {
	number := n / d.run.perConnection
	d.mu.Lock()
	shared := d.conns[number]
	if shared == nil {
		shared = sync.OnceValues(func() (*dial.SharedConn, error) { return dial.NewSharedConn(ctx, d.run.url, d.run.dialOptions(number)) })
		d.conns[number] = shared
	}
	d.mu.Unlock()
	conn, err := shared()
	if err != nil {
		return load.Opened{}, err
	}
	up, err := conn.Dial(ctx)
	return load.Opened{Conn: up}, err
}

func (d *sharedDialer) close() {
	d.mu.Lock()
	conns := slices.Collect(maps.Values(d.conns))
	d.mu.Unlock()
	for _, shared := range conns {
		if conn, err := shared(); err == nil {
			conn.Close()
		}
	}
}

// writeReports writes the report to the files of the flags and to standard output.
func (r *benchRun) writeReports(s environment, rep *report.Report) error {
	if r.html != "" {
		if err := writeFile(r.html, func(w io.Writer) error { return rep.WriteHTML(w, r.objectives) }); err != nil {
			return err
		}
	}
	if r.hdr != "" {
		write := rep.WriteLog
		if filepath.Ext(r.hdr) == ".hgrm" {
			write = rep.WriteDistribution
		}
		if err := writeFile(r.hdr, write); err != nil {
			return err
		}
	}
	if r.old != nil {
		rep.Changes = report.Compare(r.old, rep)
	}
	if r.json {
		return rep.WriteJSON(s.stdout)
	}
	if err := rep.WriteTable(s.stdout, r.objectives); err != nil {
		return err
	}
	return report.WriteComparison(s.stdout, rep.Changes)
}

// verdict returns the error that the exit code depends on.
func (r *benchRun) verdict(ctx context.Context, rep *report.Report) error {
	switch {
	case ctx.Err() != nil:
		return &reportedError{context.Cause(ctx)}
	case r.find && rep.Found == 0:
		return &report.MissedError{Missed: []string{"no step of the search met them"}}
	case r.find:
		return nil
	}
	if err := load.Verdict(rep); err != nil {
		return err
	}
	return report.Check(rep, r.objectives)
}
