package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/load"
	"wsx/load/report"
	"wsx/repl/render"
)

const benchExample = `  wsx bench ws://localhost:8080                                how fast 10 connections get echoes
  wsx bench --rate 1000 --connections 100 localhost:8080       at 1,000 messages a second, whatever the server does
  wsx bench --rate 1000 --slo 'p99<50ms,errors<0.1%' URL       exit with 9 if an objective is missed
  wsx bench --find --slo 'p99<50ms' URL                        find the highest rate that meets it
  wsx bench connect --connections 5000 URL                     how long 5,000 handshakes take
  wsx bench fanout --connections 100 --rate 10 URL             how long a message takes to reach 100 receivers
  wsx bench --rate 100 --as socketio localhost:3000 -- call add 2 3   use the server's protocol
  wsx bench --rate 1000 --print k6 URL >load.js                write the same load for k6`

// benchFlags are the flags of wsx bench, without those for connecting.
type benchFlags struct {
	connections, senders, perConnection int
	ramp, duration, warmup              value.Duration
	rate                                value.Rate
	closed, find, showSecrets           bool
	size                                value.Size
	execute                             string
	binary, json, quiet                 bool
	match, slo                          string
	html, hdr, compare                  string
	print                               value.Choice
	sources                             []string
}

// benchCommand returns the command wsx bench.
func benchCommand(f *flags, s environment) *cobra.Command {
	b := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench [SCENARIO] URL [-- VERB ARG...]...",
		Short: "load a server and measure how long its answers take",
		Long: "wsx bench opens many connections to a server, sends messages over them, and measures how long the answers take.\n\n" + scenarios() + `
With --rate, messages are due at fixed times whatever the server does, and latency counts from the time at which a message
was due (open model). Without --rate, each connection sends its next message when its answer has arrived (closed model):
a server that stalls then receives fewer messages, so that its stalls hardly show.

permessage-deflate is offered only with --compress. With --as, the arguments after -- are a verb and its arguments. If there
are several verbs, with -- between them, all but the last run once on each connection, after its login:
-- join room -- push room {{.Mark}}

The exit code is 0; 9 if an objective was missed or nothing was answered; 8 if all replies were errors; 7 if more than half of
the connections were lost; 3, 4 or 5 if no connection succeeded; 2 for a usage error or a limit of this machine.`,
		Example:           benchExample,
		ValidArgsFunction: completeBench,
		RunE:              func(_ *cobra.Command, args []string) error { return f.bench(s, b, args) },
	}
	parts := []section{
		{"Load", b.loadFlags},
		{"Report", b.reportFlags},
		{"Connection", benchConnection},
		{"Authentication", (*flags).authFlags},
		{"TLS", (*flags).tlsFlags},
		{"Proxy and routing", (*flags).proxyFlags},
		{"Encoding", (*flags).dialectFlags},
	}
	addFlags(cmd, f, parts, "wsx bench [flags] [SCENARIO] URL [-- VERB ARG...]...\n  wsx bench merge FILE...      add up the reports (--json) of several machines")
	cmd.AddCommand(benchMergeCommand(s))
	return cmd
}

// benchConnection declares the flags for connecting. By default bench offers no compression: its messages repeat, so the
// compression would be measured.
func benchConnection(f *flags, set *pflag.FlagSet) {
	declareExcept(f.connectionFlags, set, "listen", "all")
	set.Lookup("compress").Usage = "offer permessage-deflate (by default it is not offered)"
	set.Lookup("no-compress").Usage = "do not offer permessage-deflate (the default)"
}

func (b *benchFlags) loadFlags(_ *flags, set *pflag.FlagSet) {
	b.size, b.duration, b.warmup = load.DefaultSize, value.Duration(load.DefaultDuration), value.Duration(time.Second)
	set.IntVar(&b.connections, "connections", load.DefaultConnections, "open `N` connections; for fanout, N receivers")
	set.IntVar(&b.senders, "senders", 1, "for fanout, open `N` more connections that send")
	set.Var(&b.ramp, "ramp", "open the connections evenly over `D` (default: as fast as possible)")
	set.Var(&b.duration, "duration", "measure for `D`")
	set.Var(&b.warmup, "warmup", "load the server for `D` before measuring")
	set.Var(&b.rate, "rate", "open model: send `N` messages a second over all connections together; for connect, open N connections a second")
	set.BoolVar(&b.closed, "closed", false, "closed model: each connection sends its next message when its answer has arrived (the default without --rate)")
	set.Var(&b.size, "size", "send messages of `SIZE` bytes")
	set.StringVarP(&b.execute, "execute", "x", "", "send `MSG` instead; {{.Conn}} and {{.Seq}} are the numbers of the connection and the message, {{.Mark}} is the mark by which fanout finds a message again")
	set.BoolVarP(&b.binary, "binary", "b", false, "send binary messages")
	set.StringVar(&b.match, "match", "", "pair a message with the answer for which the jq `EXPR` has the same result (default: by order); for receive, EXPR is the number of a message")
	set.IntVar(&b.perConnection, "per-connection", 1, "with --http2, open `N` sessions on each connection")
	set.StringSliceVar(&b.sources, "sources", nil, "connect from the local addresses `ADDR,...` in turn")
}

func (b *benchFlags) reportFlags(_ *flags, set *pflag.FlagSet) {
	set.StringVar(&b.slo, "slo", "", "the `OBJECTIVES` to meet, like p99<50ms,errors<0.1%; exit with 9 if one is missed")
	set.BoolVar(&b.find, "find", false, "find the highest rate that meets --slo; for connect, the highest number of connections")
	set.BoolVar(&b.json, "json", false, "print the report as one JSON object")
	set.StringVar(&b.html, "html", "", "write an HTML report with plots to `FILE`")
	set.StringVar(&b.hdr, "hdr", "", "write a histogram log to `FILE`; if its name ends with .hgrm, the latency by percentile")
	set.StringVar(&b.compare, "compare", "", "compare with the report in `FILE`, which --json wrote")
	b.print = value.Choice{Among: []string{"k6"}}
	set.Var(&b.print, "print", "instead of loading the server, print a script of the same load for `PROGRAM`: k6")
	set.BoolVar(&b.showSecrets, "show-secrets", false, "do not redact credentials in the report's URL and in --print")
	set.BoolVarP(&b.quiet, "quiet", "q", false, "show no progress")
}

func scenarios() string {
	return linesOf(load.Scenarios(), func(s load.Scenario) string { return fmt.Sprintf("  %-8s %s", s.Name, s.Help) })
}

// completeBench offers the scenarios, then what completeURL does.
func completeBench(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	words, directive := completeURL(cmd, args, begun)
	if len(args) > 0 {
		return words, directive
	}
	return append(words, scenarioNames()...), directive
}

func scenarioNames() []string {
	return namesOf(load.Scenarios(), func(s load.Scenario) string { return s.Name })
}

// benchRun is the load that the command line describes.
type benchRun struct {
	*benchFlags
	options    load.Options
	dial       dial.Options
	url        string // as it is dialed
	text       string // of -x; "" = --size bytes are sent
	objectives []report.Objective
	as         *dialectConnector // of the connections; nil = none
	old        *report.Report    // to compare with; nil = none
	live       *report.Live      // nil = not shown
	ui         ui                // asks for secrets
}

// benchRun checks the command line, before anything is dialed.
func (f *flags) benchRun(s environment, b *benchFlags, args []string) (*benchRun, error) {
	run := &benchRun{benchFlags: b}
	run.options.Scenario = scenarioNames()[0]
	if len(args) > 0 && slices.Contains(scenarioNames(), args[0]) {
		run.options.Scenario, args = args[0], args[1:]
	}
	if f.listen != "" {
		return nil, &dial.UsageError{Message: "wsx bench connects to a server: it has no --listen"}
	}
	if len(args) == 2 && f.as == "" && f.connect == "" {
		return nil, &dial.UsageError{Message: fmt.Sprintf("unknown scenario %q", args[0]), Hint: "scenarios: " + strings.Join(scenarioNames(), ", ") + "; wsx bench [SCENARIO] URL"}
	}
	var err error
	if _, err := strconv.Atoi(f.connect); err == nil && len(args) > 0 {
		return nil, &dial.UsageError{Message: "-c takes a URL, as wscat's does: " + f.connect, Hint: "--connections " + f.connect + " opens as many"}
	}
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
	if !b.showSecrets {
		o.URL = dial.RedactURL(run.url)
	}
	o.Ramp, o.Warmup, o.Duration, o.Rate = time.Duration(b.ramp), time.Duration(b.warmup), time.Duration(b.duration), float64(b.rate)
	if isTerminal(s.stderr) && !b.quiet {
		run.live = report.NewLive(s.stderr, func() int { return screenWidth(s.stderr) })
		o.Progress = run.live.Show
	}
	return run, nil
}

// check returns an error for flags that contradict each other or are out of range.
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
		{b.closed && b.rate > 0, "use either --closed or --rate, not both", "the closed model has no rate: each connection sends when its answer has arrived"},
		{b.closed && b.find && scenario != "connect", "--find searches for a rate, which --closed does not have", ""},
		{b.find && b.slo == "", "--find needs --slo, the objectives to meet", "--slo 'p99<50ms,errors<0.1%'"},
		{b.find && scenario == "receive", "--find does not work with receive, which sends nothing", ""},
		{b.find && scenario == "connect" && b.rate > 0, "connect --find searches for a number of connections: it has no --rate", ""},
		{scenario == "receive" && (b.rate > 0 || b.execute != ""), "receive sends nothing: it has neither --rate nor -x", ""},
		{b.perConnection > 1 && as, "--per-connection does not work with --as: each session of a dialect has its own connection", ""},
		{scenario == "fanout" && b.match != "", "fanout recognizes messages by their mark: it has no --match", "put {{.Mark}} into -x"},
		{scenario == "fanout" && b.execute != "" && !strings.Contains(b.execute, ".Mark"), "fanout cannot recognize its messages: the message has no {{.Mark}}", `-x 'text {{.Mark}}'`},
		{b.print.Value != "" && as, "a k6 script cannot speak application protocols: --print k6 has no --as", ""},
		{b.print.Value != "" && b.find, "--print writes a script of a single load: it has no --find", ""},
		{b.print.Value != "" && (b.html != "" || b.hdr != "" || b.compare != "" || b.json), "--print only writes a script: it has no --json, --html, --hdr or --compare", ""},
		{b.print.Value != "" && len(b.sources) > 0, "a k6 script cannot choose source addresses: --print k6 has no --sources", "k6 run --local-ips"},
		{b.senders > 60_000, "--senders must be at most 60000", ""},
		{b.size > load.MaxSize, fmt.Sprintf("--size must be at most %dMiB", load.MaxSize>>20), ""},
		{b.rate > load.MaxRate, fmt.Sprintf("--rate must be at most %d/s", load.MaxRate), "wsx bench merge adds up the reports of several machines"},
		{b.html == "-" || b.hdr == "-", "--html and --hdr write to a file, and - is not a file name", "the report is on standard output; --json prints it as one JSON object"},
	} {
		if wrong.is {
			return &dial.UsageError{Message: wrong.message, Hint: wrong.hint}
		}
	}
	return nil
}

// parse parses --slo, --match and --compare.
func (r *benchRun) parse() error {
	if r.slo != "" {
		var err error
		if r.objectives, err = report.ParseObjectives(r.slo); err != nil {
			return &dial.UsageError{Message: "--slo " + err.Error(), Hint: "--slo 'p99<50ms,p99.9<200ms,errors<0.1%,rate>1000/s'"}
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

// message creates the message that is sent.
func (r *benchRun) message() (err error) {
	switch size := int(r.size); {
	case r.execute != "":
		if r.text, err = executedText(r.execute); err != nil {
			return err
		}
		if r.options.Message, err = load.ParseMessage(r.text, r.binary); err != nil {
			return &dial.UsageError{Message: "-x: " + err.Error(), Hint: `-x '{"id":"{{.Conn}}-{{.Seq}}"}'`}
		}
	case r.options.Scenario == "fanout":
		r.options.Message = load.MarkedMessage(max(size, load.MarkSize), r.binary)
	default:
		r.options.Message = load.SizedMessage(size, r.binary)
	}
	return nil
}

// executedText returns the message of -x.
func executedText(word string) (string, error) {
	text, isFile := executedFile(word)
	if !isFile {
		return text, nil
	}
	content, err := os.ReadFile(text)
	return string(content), err
}

// benchDialing fills in how connections are opened.
func (f *flags) benchDialing(s environment, run *benchRun) error {
	shared, err := f.options(s, &run.ui)
	if err != nil {
		return err
	}
	run.dial = shared.Options
	run.dial.NoCompress = !f.compress
	if run.perConnection > 1 && run.dial.HTTP != dial.HTTP2 {
		return &dial.UsageError{Message: "--per-connection needs --http2: HTTP/1.1 has one session per connection", Hint: "--http2 --per-connection " + fmt.Sprint(run.perConnection)}
	}
	for n := range run.sources {
		if err := run.dialOptions(n).Check(); err != nil {
			return &dial.UsageError{Message: "--sources: " + err.Error()}
		}
	}
	return nil
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

// benchMergeCommand returns the command that adds the reports of several machines.
func benchMergeCommand(s environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "add up the reports (--json) of several machines",
		Long: `wsx bench merge adds up the reports that wsx bench --json wrote on several machines. The histograms add up exactly, so the
percentiles are those of all messages.`,
		Example: "  wsx bench merge a.json b.json",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &dial.UsageError{Message: "wsx bench merge needs at least two reports", Hint: "wsx bench --json URL >a.json writes one"}
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
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the merged report as one JSON object")
	cmd.SetHelpFunc((&cobra.Command{}).HelpFunc())
	return cmd
}
