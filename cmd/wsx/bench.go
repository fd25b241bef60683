package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"wsx/client"
	"wsx/client/dial"
	"wsx/load"
	"wsx/load/report"
	"wsx/repl/render"
)

const benchExample = `  wsx bench ws://localhost:8080                                how fast 10 connections get their echoes
  wsx bench --rate 1000 --connections 100 localhost:8080       at 1,000 messages a second, whatever the server does
  wsx bench --rate 1000 --slo 'p99<50ms,errors<0.1%' URL       exit code 9 when that is missed
  wsx bench --find --slo 'p99<50ms' URL                        the highest rate that keeps it
  wsx bench connect --connections 5000 URL                     how long 5,000 handshakes take
  wsx bench fanout --connections 100 --rate 10 URL             how long a message takes to 100 listeners
  wsx bench --rate 100 --as socketio localhost:3000 -- call add 2 3   a server's own protocol
  wsx bench --rate 1000 --print k6 URL >load.js                the same for k6`

// benchFlags are the flags of wsx bench beside those about connecting.
type benchFlags struct {
	connections, senders, perConnection int
	ramp, duration, warmup              duration
	rate                                rate
	closed, find                        bool
	size                                size
	execute                             string
	binary, json, quiet                 bool
	match, slo                          string
	html, hdr, compare                  string
	print                               choice
	sources                             []string
}

// benchCommand loads a server and measures how long its answers take.
func benchCommand(f *flags, s environment) *cobra.Command {
	b := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench [SCENARIO] URL [-- VERB ARG...]",
		Short: "load a server, and measure how long its answers take",
		Long: "wsx bench opens many connections with a server, sends over them, and measures how long the answers take.\n\n" + scenarios() + `
With --rate messages are due at fixed times, whatever the server does, and latency counts from when a message was due
(open model). Without it a connection sends when its answer has come (closed model): a server that stalls is then asked
less, and its stalls hardly show. permessage-deflate is offered with --compress only.`,
		Example:           benchExample,
		ValidArgsFunction: completeBench,
		RunE:              func(_ *cobra.Command, args []string) error { return f.bench(s, b, args) },
	}
	parts := []section{{"Load", func(_ *flags, set *pflag.FlagSet) { b.loadFlags(set) }}, {"Report", func(_ *flags, set *pflag.FlagSet) { b.reportFlags(set) }}}
	for _, part := range sections() {
		if slices.Contains([]string{"Connection", "Authentication", "TLS", "Proxy and routing", "Application protocols"}, part.title) {
			parts = append(parts, part)
		}
	}
	declare(parts, f, cmd.Flags())
	completeValues(cmd)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n\nExamples:\n%s\n\nUsage:\n  wsx bench [flags] [SCENARIO] URL [-- VERB ARG...]\n  wsx bench merge FILE...      add the reports (--json) of several machines\n%s",
			cmd.Long, cmd.Example, usages(parts))
	})
	cmd.AddCommand(benchMergeCommand(s))
	return cmd
}

func (b *benchFlags) loadFlags(set *pflag.FlagSet) {
	b.size, b.duration, b.warmup = load.DefaultSize, duration(load.DefaultDuration), duration(time.Second)
	set.IntVar(&b.connections, "connections", load.DefaultConnections, "open `N` connections; of fanout, those that listen")
	set.IntVar(&b.senders, "senders", 1, "of fanout, `N` connections that send, beside those that listen")
	set.Var(&b.ramp, "ramp", "open the connections evenly over `D` (default as fast as they come)")
	set.Var(&b.duration, "duration", "measure for `D`")
	set.Var(&b.warmup, "warmup", "load for `D` before that")
	set.Var(&b.rate, "rate", "open model: `N/s` messages over all connections; of connect, connections")
	set.BoolVar(&b.closed, "closed", false, "closed model: a connection sends when its answer has come (the default without --rate)")
	set.Var(&b.size, "size", "send messages of `SIZE` bytes")
	set.StringVarP(&b.execute, "execute", "x", "", "send `MSG` instead: {{.Conn}} and {{.Seq}} are the connection and the message, {{.Mark}} is what fanout finds it by")
	set.BoolVarP(&b.binary, "binary", "b", false, "send binary messages")
	set.StringVar(&b.match, "match", "", "pair answers by what the jq `EXPR` makes of both (default by order); of receive, the number of a message")
	set.IntVar(&b.perConnection, "per-connection", 1, "with --http2, `N` sessions on each connection")
	set.StringSliceVar(&b.sources, "sources", nil, "connect from these addresses of this machine in turn: `ADDR,...`")
}

func (b *benchFlags) reportFlags(set *pflag.FlagSet) {
	set.StringVar(&b.slo, "slo", "", "the `OBJECTIVES` to keep, like p99<50ms,errors<0.1%; exit code 9 when one is missed")
	set.BoolVar(&b.find, "find", false, "find the highest rate that keeps --slo; of connect, the highest number of connections")
	set.BoolVar(&b.json, "json", false, "print the report as one JSON object")
	set.StringVar(&b.html, "html", "", "write a page with plots to `FILE`")
	set.StringVar(&b.hdr, "hdr", "", "write the histograms over time to `FILE`, or with the ending .hgrm the latency by percentile")
	set.StringVar(&b.compare, "compare", "", "tell what changed since the report in `FILE` (--json)")
	b.print = choice{among: []string{"k6"}}
	set.Var(&b.print, "print", "print a script of the same load for `PROGRAM`, k6, and load nothing")
	set.BoolVarP(&b.quiet, "quiet", "q", false, "no line of progress")
}

func scenarios() string {
	var text strings.Builder
	for _, scenario := range load.Scenarios() {
		fmt.Fprintf(&text, "  %-8s %s\n", scenario.Name, scenario.Help)
	}
	return text.String()
}

// completeBench offers the scenarios, then what completeURL does.
func completeBench(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	words, directive := completeURL(cmd, args, begun)
	if len(args) > 0 {
		return words, directive
	}
	for _, scenario := range load.Scenarios() {
		words = append(words, scenario.Name)
	}
	return words, directive
}

// benchRun is a load that the command line asks for.
type benchRun struct {
	*benchFlags
	options    load.Options
	dial       dial.Options
	url        string // as it is dialed
	text       string // of -x; "" = --size says what is sent
	objectives []report.Objective
	as         *benchDialect  // that connections speak; nil = none
	old        *report.Report // to compare with; nil = none
	live       *report.Live   // nil = not shown
}

// bench does what wsx bench is asked for.
func (f *flags) bench(s environment, b *benchFlags, args []string) error {
	run, err := f.benchRun(s, b, args)
	if err != nil {
		return err
	}
	if b.print.value != "" {
		return load.WriteK6(s.stdout, load.K6{Options: run.options, Dial: run.dial, Text: run.text, Match: b.match, Objectives: run.objectives})
	}
	signals := takeSignals()
	restore := func() {
		if run.live != nil {
			run.live.Clear()
		}
	}
	defer s.guard(restore)()
	ctx, stop := interrupted(s, signals, restore)
	defer stop()
	var inside client.Options
	url, end, err := startBuiltin(ctx, run.url, &inside)
	if err != nil {
		return err
	}
	defer end()
	if url != run.url {
		run.url, run.dial.Proxy = url, inside.Proxy
	}
	if err := run.checkMachine(url != run.options.URL); err != nil {
		return err
	}
	debug.SetGCPercent(50) // what a connection needs stays as it is: room to grow would be most of the memory
	rep, err := run.measure(ctx)
	restore()
	if err != nil {
		return err
	}
	if err := run.tell(s, rep); err != nil {
		return err
	}
	return run.verdict(ctx, rep)
}

// benchRun checks the command line, before anything is dialed.
func (f *flags) benchRun(s environment, b *benchFlags, args []string) (*benchRun, error) {
	run := &benchRun{benchFlags: b}
	run.options.Scenario = load.Scenarios()[0].Name
	if len(args) > 0 && slices.ContainsFunc(load.Scenarios(), func(one load.Scenario) bool { return one.Name == args[0] }) {
		run.options.Scenario, args = args[0], args[1:]
	}
	if f.listen != "" {
		return nil, &dial.UsageError{Message: "wsx bench connects to a server: --listen is not for it"}
	}
	var err error
	if run.url, err = f.url(s, args); err != nil {
		return nil, err
	}
	if err := b.check(run.options.Scenario, f.as != ""); err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return run.parse() },
		func() error { return run.message() },
		func() error { return f.benchAs(s, run) },
		func() error { return f.benchDialing(s, run) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	o := &run.options
	o.URL, o.Connections, o.Senders, o.MaxMessage = run.url, b.connections, b.senders, int64(f.maxMessage)
	o.Ramp, o.Warmup, o.Duration, o.Rate = time.Duration(b.ramp), time.Duration(b.warmup), time.Duration(b.duration), float64(b.rate)
	if isTerminal(s.stderr) && !b.quiet {
		run.live = report.NewLive(s.stderr, func() int {
			width, _, err := term.GetSize(int(s.stderr.Fd()))
			if err != nil || width == 0 {
				return 80 // it is not known
			}
			return width
		})
		o.Progress = run.live.Show
	}
	return run, nil
}

// check finds what cannot be meant.
func (b *benchFlags) check(scenario string, as bool) error {
	for _, wrong := range []struct {
		is      bool
		message string
		hint    string
	}{
		{b.connections < 1, "--connections must be at least 1", ""},
		{b.senders < 1, "--senders must be at least 1", ""},
		{b.perConnection < 1, "--per-connection must be at least 1", ""},
		{b.duration <= 0, "--duration must be longer than 0", ""},
		{b.warmup < 0 || b.ramp < 0, "--warmup and --ramp must not be negative", ""},
		{b.closed && b.rate > 0, "--closed and --rate exclude each other", "the closed model has no rate: a connection sends when its answer has come"},
		{b.closed && b.find && scenario != "connect", "--find searches for a rate, which --closed has not", ""},
		{b.find && b.slo == "", "--find needs --slo: what is to be kept?", "--slo 'p99<50ms,errors<0.1%'"},
		{b.find && scenario == "receive", "--find has nothing to search for: receive sends nothing", ""},
		{b.find && scenario == "connect" && b.rate > 0, "--find searches for a number of connections: connect --find has no --rate", ""},
		{scenario == "receive" && (b.rate > 0 || b.execute != ""), "receive sends nothing: it has neither --rate nor -x", ""},
		{b.perConnection > 1 && as, "--per-connection and --as do not go together: each session of a dialect has a connection", ""},
		{scenario == "fanout" && b.match != "", "fanout finds messages by their mark, not by --match", "put {{.Mark}} into -x"},
		{scenario == "fanout" && b.execute != "" && !strings.Contains(b.execute, ".Mark"), "fanout does not find its messages again: the message has no {{.Mark}}", `-x 'text {{.Mark}}'`},
		{b.senders > 60_000, "--senders must be at most 60000", ""},
	} {
		if wrong.is {
			return &dial.UsageError{Message: wrong.message, Advice: wrong.hint}
		}
	}
	return nil
}

// parse reads the flags that are small languages or files.
func (r *benchRun) parse() error {
	if r.slo != "" {
		var err error
		if r.objectives, err = report.ParseObjectives(r.slo); err != nil {
			return &dial.UsageError{Message: "--slo " + err.Error(), Advice: "--slo 'p99<50ms,p99.9<200ms,errors<0.1%,rate>1000/s'"}
		}
	}
	if r.match != "" {
		query, err := render.NewQuery(r.match)
		if err != nil {
			return fmt.Errorf("--match: %w", err)
		}
		r.options.Key = func(payload []byte) (string, bool) { return query.First(context.Background(), payload) }
	}
	if r.compare != "" {
		old, err := readReport(r.compare)
		if err != nil {
			return err
		}
		r.old = old
	}
	return nil
}

// message makes what is sent.
func (r *benchRun) message() (err error) {
	switch size := int(r.size); {
	case r.execute != "":
		if r.text, err = executedText(r.execute); err != nil {
			return err
		}
		if r.options.Message, err = load.ParseMessage(r.text, r.binary); err != nil {
			return &dial.UsageError{Message: "-x: " + err.Error(), Advice: `-x '{"id":"{{.Conn}}-{{.Seq}}"}'`}
		}
	case r.options.Scenario == "fanout":
		r.options.Message = load.MarkedMessage(max(size, load.MarkSize), r.binary)
	default:
		r.options.Message = load.SizedMessage(size, r.binary)
	}
	return nil
}

// executedText is the message of -x: the word itself, with @ before it the content of a file, with @@ a word that begins with @.
func executedText(word string) (string, error) {
	name, isFile := strings.CutPrefix(word, "@")
	if !isFile || strings.HasPrefix(name, "@") {
		return name, nil
	}
	content, err := os.ReadFile(name)
	return string(content), err
}

// benchDialing fills in how connections are opened.
func (f *flags) benchDialing(s environment, run *benchRun) error {
	shared, err := f.options(s, &ui{})
	if err != nil {
		return err
	}
	run.dial = shared.Options
	run.dial.NoCompress = !f.compress
	if run.perConnection > 1 && run.dial.HTTP != dial.HTTP2 {
		return &dial.UsageError{Message: "--per-connection needs --http2: HTTP/1.1 has one session on a connection", Advice: "--http2 --per-connection " + fmt.Sprint(run.perConnection)}
	}
	for _, source := range run.sources {
		o := run.dial
		o.Source = source
		if err := o.Check(); err != nil {
			return &dial.UsageError{Message: "--sources: " + err.Error()}
		}
	}
	return nil
}

// checkMachine fails if this machine cannot open the connections. A server inside the program needs descriptors, too.
func (r *benchRun) checkMachine(inside bool) error {
	if r.find {
		return checkMachine(load.Need{}) // raises the limit; the search ends where it is
	}
	return checkMachine(r.need(r.options.Connections, inside))
}

// need is what a number of connections asks of this machine.
func (r *benchRun) need(connections int, inside bool) load.Need {
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
	if inside {
		n.Descriptors *= 2
	}
	if r.dial.UnixSocket != "" || strings.HasPrefix(r.url, "ws+unix:") {
		n.Ports = 0
	}
	return n
}

func checkMachine(n load.Need) error {
	if err := load.CheckMachine(n); err != nil {
		limit := err.(*load.LimitError)
		return &dial.UsageError{Message: limit.Message, Advice: limit.Hint}
	}
	return nil
}

// measure runs the load, or searches.
func (r *benchRun) measure(ctx context.Context) (*report.Report, error) {
	if !r.find {
		return r.once(ctx, r.options)
	}
	search := load.Search{Objectives: r.objectives, Start: r.options.Rate, Measure: func(ctx context.Context, value float64, duration time.Duration) (*report.Report, error) {
		o := r.options
		o.Rate, o.Duration = value, duration
		return r.once(ctx, o)
	}}
	if search.Start == 0 {
		search.Start = load.DefaultRate
	}
	if r.options.Scenario == "connect" {
		search.Whole, search.Start, search.Highest = true, float64(r.options.Connections), float64(load.MostConnections(len(r.sources)))
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
	dialers, err := r.dialers()
	if err != nil {
		return nil, err
	}
	o.Dial = func(ctx context.Context, n int) (load.Opened, error) {
		up, err := dialers[n%len(dialers)].Dial(ctx)
		return load.Opened{Conn: up}, err
	}
	if r.as != nil {
		o.Dial = func(ctx context.Context, n int) (load.Opened, error) { return r.as.dial(ctx, r, n) }
	}
	if r.perConnection > 1 {
		shared := &sharedDialer{run: r, conns: map[int]*sharedConn{}}
		defer shared.close()
		o.Dial = shared.dial
	}
	return load.Run(ctx, o)
}

// dialers are one for each source.
func (r *benchRun) dialers() ([]*dial.Dialer, error) {
	var all []*dial.Dialer
	for _, source := range append([]string(nil), orSystem(r.sources)...) {
		o := r.dial
		o.Source = source
		d, err := dial.New(r.url, o)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// orSystem is the sources, or the one that the system chooses.
func orSystem(sources []string) []string {
	if len(sources) == 0 {
		return []string{""}
	}
	return sources
}

// sharedDialer opens several sessions on each connection of HTTP/2.
type sharedDialer struct {
	run *benchRun

	mu    sync.Mutex // guards the field below
	conns map[int]*sharedConn
}

// sharedConn is a connection that the first of its sessions opens.
type sharedConn struct {
	once sync.Once
	conn *dial.SharedConn
	err  error
}

func (d *sharedDialer) dial(ctx context.Context, n int) (load.Opened, error) {
	number := n / d.run.perConnection
	d.mu.Lock()
	shared := d.conns[number]
	if shared == nil {
		shared = &sharedConn{}
		d.conns[number] = shared
	}
	d.mu.Unlock()
	shared.once.Do(func() {
		o := d.run.dial
		sources := orSystem(d.run.sources)
		o.Source = sources[number%len(sources)]
		shared.conn, shared.err = dial.NewSharedConn(ctx, d.run.url, o)
	})
	if shared.err != nil {
		return load.Opened{}, shared.err
	}
	up, err := shared.conn.Dial(ctx)
	return load.Opened{Conn: up}, err
}

func (d *sharedDialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, shared := range d.conns {
		if shared.conn != nil {
			shared.conn.Close()
		}
	}
}

// tell writes the report wherever it is wanted.
func (r *benchRun) tell(s environment, rep *report.Report) error {
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

// writeFile writes a file.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// verdict is the error that the exit code is made of.
func (r *benchRun) verdict(ctx context.Context, rep *report.Report) error {
	switch {
	case ctx.Err() != nil:
		return &reportedError{context.Cause(ctx)}
	case r.find && rep.Found == 0:
		return &report.MissedError{Missed: []string{"no step of the search kept them"}}
	case r.find:
		return nil
	}
	if err := load.Verdict(rep); err != nil {
		return withLoadHint(err)
	}
	return report.Judge(rep, r.objectives)
}

// withLoadHint adds what to do next where nothing came that could be measured.
func withLoadHint(err error) error {
	var unheard *load.UnheardError
	if !errors.As(err, &unheard) || unheard.Refused {
		return err
	}
	return &hintedError{err, map[string]string{
		"echo":    "-x sends what the server answers; wsx bench receive measures what it sends unasked",
		"fanout":  "the listeners must be in the room that is sent to, and {{.Mark}} must come through unchanged",
		"receive": "does the server send unasked? --duration 1m waits longer",
	}[unheard.Scenario]}
}

func readReport(path string) (*report.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rep, err := report.Read(file)
	if err != nil {
		return nil, &dial.UsageError{Message: path + ": " + err.Error()}
	}
	return rep, nil
}

// benchMergeCommand adds the reports of several machines.
func benchMergeCommand(s environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "add the reports (--json) of several machines",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &dial.UsageError{Message: "which reports? give two files or more", Advice: "wsx bench --json URL >a.json writes one"}
			}
			var all []*report.Report
			for _, path := range args {
				rep, err := readReport(path)
				if err != nil {
					return err
				}
				all = append(all, rep)
			}
			merged, err := report.Merge(all)
			if err != nil {
				return &dial.UsageError{Message: err.Error()}
			}
			if asJSON {
				return merged.WriteJSON(s.stdout)
			}
			return merged.WriteTable(s.stdout, nil)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the sum as one JSON object")
	return cmd
}
