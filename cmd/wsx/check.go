package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/check"
	"wsx/check/catalog"
	"wsx/check/report"
	"wsx/client"
	"wsx/client/dial"
	"wsx/cmd/wsx/explain"
	"wsx/dialect"
	"wsx/repl"
	"wsx/repl/render"
)

const checkLong = `wsx check sends a server what the RFCs allow and what they forbid, and judges how it reacts. The server need not
echo: after each check a ping must get its pong. It sends malformed frames: check only servers that are yours to check.

A finding is pass, fail, warn (a connection that was dropped where a Close was wanted), inconclusive (the application may
have had reasons of its own) or skip. It exits with 0, with 6 where a check at --fail-on failed, with 7 where the server
went down, and with 3, 4 or 5 where there was no connection at all.`

const checkExample = `  wsx check ws://localhost:8080
  wsx check --only utf8,close.code --json ws://localhost:8080
  wsx check --as socketio localhost:3000 emit hello
  wsx check --list`

// checking has the flags of wsx check, beside those of the connection.
type checking struct {
	selection                    check.Selection
	list                         bool
	carrier                      string
	jobs                         int
	patience                     duration
	failOn                       choice
	baseline, junit, sarif, html string
	frames                       bool
}

// checkCommand judges a server. It connects with the flags of the root.
func checkCommand(f *flags, s environment) *cobra.Command {
	var o checking
	cmd := &cobra.Command{
		Use:               "check URL [VERB ARG...]",
		Short:             "does a server keep the RFCs?",
		Long:              checkLong,
		Example:           checkExample,
		ValidArgsFunction: completeURL,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.check(s, cmd, args, &o)
		},
	}
	parts := []section{
		{"Checking", func(_ *flags, set *pflag.FlagSet) { o.declare(set) }},
		{"Reporting", o.reporting},
		{"Connection", func(f *flags, set *pflag.FlagSet) {
			declareBut(f.connecting, set, "connect", "listen", "all", "max-message")
		}},
		{"Authentication", (*flags).identity},
		{"TLS", (*flags).tls},
		{"Proxy and routing", (*flags).route},
		{"Application protocols", func(f *flags, set *pflag.FlagSet) {
			declareBut(f.dialects, set, "raw")
			set.Lookup("as").Usage = "log in with the application protocol `NAME` before each check, or with that of a file: wsx dialect list. VERB ARG... behind the URL make the message of --carrier"
		}},
	}
	declare(parts, f, cmd.Flags())
	completeValues(cmd)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n\nExamples:\n%s\n\nUsage:\n  wsx check [flags] URL [VERB ARG...]\n%s", cmd.Long, cmd.Example, usages(parts))
	})
	return cmd
}

// declareBut declares flags without some of them.
func declareBut(declare func(*pflag.FlagSet), set *pflag.FlagSet, names ...string) {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	all.SortFlags = false
	declare(all)
	all.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(names, flag.Name) {
			set.AddFlag(flag)
		}
	})
}

func (o *checking) declare(set *pflag.FlagSet) {
	set.StringSliceVar(&o.selection.Only, "only", nil, "try only the checks whose ids begin with one of `ID,...`")
	set.StringSliceVar(&o.selection.Skip, "skip", nil, "leave out those whose ids begin with one of `ID,...`")
	set.BoolVar(&o.selection.Full, "full", false, "try the slow and the heavy checks as well")
	set.BoolVar(&o.list, "list", false, "list the checks: id, severity, clause and title")
	set.StringVar(&o.carrier, "carrier", "", "where a check needs any message, send `MSG`, which the application accepts")
	set.IntVar(&o.jobs, "jobs", check.DefaultJobs, "open at most `N` connections at once")
	o.patience = duration(check.DefaultPatience)
	set.Var(&o.patience, "patience", "wait `D` for an answer")
	o.failOn = choice{value: "must", among: []string{"must", "should", "security", "never"}}
	set.Var(&o.failOn, "fail-on", "exit with 6 where a check of this `LEVEL` failed: must, should (and must), security (and both), never")
	set.StringVar(&o.baseline, "baseline", "", "what failed in `FILE`, which --json wrote, does not count")
}

func (o *checking) reporting(f *flags, set *pflag.FlagSet) {
	set.BoolVar(&f.json, "json", false, "report JSON objects, one a line")
	set.StringVar(&o.junit, "junit", "", "write JUnit XML to `FILE` as well")
	set.StringVar(&o.sarif, "sarif", "", "write SARIF 2.1.0 to `FILE` as well")
	set.StringVar(&o.html, "html", "", "write a page to `FILE` as well")
	set.BoolVarP(&o.frames, "verbose", "v", false, "show every frame of what failed")
	f.color = choice{value: "auto", among: []string{"auto", "always", "never"}}
	set.Var(&f.color, "color", "`WHEN` to use colour: auto, always or never")
	set.BoolVar(&f.noColor, "no-color", false, "the same as --color never")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "do not show how far it has come")
}

// mostJobs is how many connections are open at once at most.
const mostJobs = 256

// checkError is how a run of checks ended, if not well. The report has the findings.
type checkError struct {
	message string
	code    int
}

func (e *checkError) Error() string { return e.message }

// check judges a server and reports.
func (f *flags) check(s environment, cmd *cobra.Command, args []string, o *checking) error {
	if f.noColor {
		f.color.value = "never"
	}
	checks, err := o.selection.Select(catalog.All())
	if err != nil {
		return &dial.UsageError{Message: err.Error(), Advice: "wsx check --list lists them"}
	}
	if len(checks) == 0 {
		return &dial.UsageError{Message: "--only and --skip leave no check", Advice: "wsx check --list lists the checks that they choose from, with --full all"}
	}
	if o.list {
		return listChecks(s.stdout, checks, f.json)
	}
	judge, err := f.judge(s, cmd, args, o, checks)
	if err != nil {
		return err
	}
	ctx, stop := interrupted(s, takeSignals(), func() {})
	defer stop()
	ctx, end := whileRead(ctx, s)
	defer end()
	return withoutReader(ctx, s, judge.run(ctx))
}

// listChecks writes the table.
func listChecks(w io.Writer, checks []check.Check, asJSON bool) error {
	if asJSON {
		return report.List(w, checks)
	}
	wide := 0
	for _, c := range checks {
		wide = max(wide, len(c.ID))
	}
	for _, c := range checks {
		if _, err := fmt.Fprintf(w, "%-*s  %-8s  %-16s  %s\n", wide, c.ID, c.Severity, c.Clause, c.Title); err != nil {
			return err
		}
	}
	return nil
}

// judge is a run of checks that is about to begin.
type judge struct {
	flags   *flags
	s       environment
	o       *checking
	checks  []check.Check
	options check.Options
	text    *report.Text
	dial    client.Options

	protocol *check.Protocol // of --as; nil = none
	files    []reportFile
}

// reportFile is a file with the report, open from the beginning so that one that cannot be written is found before the run.
type reportFile struct {
	*os.File
	write func(w io.Writer, r *check.Report, url string) error
}

// openFiles opens the files that the report goes to as well.
func (o *checking) openFiles() ([]reportFile, error) {
	var files []reportFile
	for _, one := range []struct {
		flag, path string
		write      func(w io.Writer, r *check.Report, url string) error
	}{
		{"junit", o.junit, report.JUnit},
		{"sarif", o.sarif, func(w io.Writer, r *check.Report, url string) error { return report.SARIF(w, r, url, version()) }},
		{"html", o.html, func(w io.Writer, r *check.Report, url string) error { return report.HTML(w, r, url, cleanLine) }},
	} {
		if one.path == "" {
			continue
		}
		if one.path == "-" {
			return nil, &dial.UsageError{Message: fmt.Sprintf("--%s writes to a file: - is no name of one", one.flag), Advice: "standard output has the report, with --json as JSON objects"}
		}
		file, err := os.Create(one.path)
		if err != nil {
			return nil, &dial.UsageError{Message: fmt.Sprintf("--%s: %v", one.flag, err)}
		}
		files = append(files, reportFile{file, one.write})
	}
	return files, nil
}

// judge checks the flags, before anything is dialed, and returns the run.
func (f *flags) judge(s environment, cmd *cobra.Command, args []string, o *checking, checks []check.Check) (*judge, error) {
	url, err := f.url(s, args)
	if err != nil {
		return nil, err
	}
	if o.jobs < 1 || o.jobs > mostJobs {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--jobs %d: give 1 to %d", o.jobs, mostJobs)}
	}
	if o.patience <= 0 {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--patience %s: give a positive time", &o.patience)}
	}
	j := &judge{flags: f, s: s, o: o, checks: checks}
	if j.dial, err = f.options(s, &ui{}); err != nil {
		return nil, err
	}
	if err := j.speak(); err != nil {
		return nil, err
	}
	if !isInside(url) {
		if _, err := dial.New(url, withoutAsking(j.dial.Options)); err != nil {
			return nil, err
		}
	}
	shown := shownURL(url)
	j.options = check.Options{
		URL: url, Jobs: o.jobs, Patience: time.Duration(o.patience), Carrier: o.carrier, Judged: j.judged, Began: j.began, Again: again(cmd, shown, f.verb),
	}
	if !f.quiet && isTerminal(s.stderr) {
		j.options.Progress = j.progress
	}
	if o.baseline != "" {
		if j.options.Baseline, err = readBaseline(o.baseline); err != nil {
			return nil, err
		}
	}
	if j.files, err = o.openFiles(); err != nil {
		return nil, err
	}
	theme := f.theme(s, s.stdout)
	j.text = &report.Text{W: s.stdout, Clean: cleanLine, URL: shown, Paint: func(style, text string) string {
		return map[string]render.Style{"pass": theme.Out, "fail": theme.Error, "warn": theme.Hint}[style].Paint(text)
	}}
	if o.frames {
		j.text.Frames = func(f check.Finding) string { return shownFrames(f, theme) }
	}
	return j, nil
}

// speak fills in the dialect of --as, and does nothing without it.
func (j *judge) speak() error {
	d, err := j.flags.newDialect(j.s)
	if err != nil || d == nil {
		return err
	}
	as := &spokenDialect{flags: j.flags, dialect: d.State.Dialect()}
	if as.options, err = j.flags.dialectOptions(); err != nil {
		return err
	}
	if len(j.flags.verb) > 0 && j.o.carrier != "" {
		return &dial.UsageError{Message: "either a verb or --carrier: " + j.flags.verb[0], Advice: "--carrier sends a message as it is, without a verb"}
	}
	j.protocol = &check.Protocol{Connect: func(ctx context.Context) (string, dial.Options, *dialect.State, error) {
		return as.connect(ctx, j.options.URL, j.options.Dial)
	}}
	if verb := j.flags.verb; len(verb) > 0 {
		j.protocol.Verb, j.protocol.Words = verb[0], verb[1:]
	}
	return nil
}

// withoutAsking are options to try whether they can be meant: what is asked for will be asked for later.
func withoutAsking(o dial.Options) dial.Options {
	answer := func(string) (string, error) { return "", nil }
	if o.AskPassword != nil {
		o.AskPassword = answer
	}
	if o.AskPassphrase != nil {
		o.CertFile, o.KeyFile = "", ""
	}
	return o
}

func isInside(url string) bool {
	name, _, found := strings.Cut(url, ":")
	return found && isBehaviour(name)
}

func cleanLine(text string) string { return string(render.SanitizeLine(nil, text)) }

func readBaseline(path string) (map[string]bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &dial.UsageError{Message: "--baseline: " + err.Error()}
	}
	defer file.Close()
	known, err := report.ReadBaseline(file)
	if err != nil {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--baseline %s: %v", path, err), Advice: "wsx check --json URL > FILE makes one"}
	}
	return known, nil
}

// run judges, reports, and returns how that ended.
func (j *judge) run(ctx context.Context) error {
	url, end, err := startBuiltin(ctx, j.options.URL, &j.dial)
	if err != nil {
		return err
	}
	defer end()
	j.options.URL, j.options.Dial, j.options.Protocol = url, j.dial.Options, j.protocol
	r, err := check.Run(ctx, j.checks, j.options)
	if err != nil {
		return err
	}
	ended := j.ending(r)
	if err := j.end(r, exitCode(ended)); err != nil {
		return err
	}
	if ended == nil {
		return nil
	}
	if isSignal(ended) || errors.Is(ended, repl.ErrOutputGone) {
		return &reportedError{ended} // the exit code reports it
	}
	j.s.stderr.Write(render.AppendFailure(nil, ended, explain.Hint, j.flags.theme(j.s, j.s.stderr)))
	return &reportedError{ended}
}

// ending is the error that a run ends with; nil = it ended well.
func (j *judge) ending(r *check.Report) error {
	what := "check " + j.text.URL
	failed := r.Failed(j.o.failOn.value)
	switch {
	case r.Down != "":
		return &checkError{fmt.Sprintf("%s: the server was down after %s", what, r.Down), exitLost}
	case r.Stopped != nil:
		return r.Stopped
	case failed == 0:
		return nil
	}
	message := fmt.Sprintf("%s: %d checks failed", what, failed)
	if failed == 1 {
		message = what + ": 1 check failed"
	}
	if others := r.Count(check.Fail) - failed; others > 0 {
		message += fmt.Sprintf(", beside %d that do not count", others)
	}
	return &checkError{message, exitProtocol}
}

// began is called when the server is known.
func (j *judge) began(server *check.Server) {
	if !j.flags.json {
		j.text.Begin(server, check.Groups(j.checks))
	}
}

// judged reports a group.
func (j *judge) judged(group string, findings []check.Finding) {
	if j.options.Progress != nil {
		fmt.Fprint(j.s.stderr, "\r\x1b[K")
	}
	if j.flags.json {
		report.Events(j.s.stdout, findings)
		return
	}
	j.text.Group(group, findings)
}

// progress shows how far a group has come.
func (j *judge) progress(group string, done, of int) {
	fmt.Fprintf(j.s.stderr, "\r  %s %d/%d\x1b[K", group, done, of)
}

// end writes what is left to report, with the exit code.
func (j *judge) end(r *check.Report, exit int) error {
	for _, file := range j.files {
		err := file.write(file, r, j.text.URL)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if j.flags.json {
		return report.Summary(j.s.stdout, r, exit)
	}
	return j.text.End(r)
}

// shownFrames are the frames of a finding as --trace shows them, or the request and the response.
func shownFrames(f check.Finding, theme render.Theme) string {
	var b strings.Builder
	notes := &render.Notes{Theme: theme}
	for i := range f.Frames {
		notes.Render(&b, client.Event{Kind: client.KindFrame, Detail: &f.Frames[i]})
	}
	sign := ">"
	for _, line := range f.Lines {
		if line == "" {
			sign = "<"
			continue
		}
		fmt.Fprintf(&b, "* %s %s\n", sign, cleanLine(line))
	}
	return b.String()
}

// shownURL is a URL without what is secret in it.
func shownURL(text string) string {
	target, err := dial.ParseURL(text)
	if err != nil || isInside(text) {
		return text
	}
	return dial.RedactURL(target.String())
}

// again returns the command that repeats a check: with the flags that say how to connect, and without secrets. verb is what
// stands behind the URL.
func again(cmd *cobra.Command, url string, verb []string) func(id string) string {
	unneeded := []string{"only", "skip", "full", "json", "verbose", "color", "no-color", "quiet", "jobs", "fail-on", "baseline", "junit", "sarif", "html"}
	var words []string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(unneeded, flag.Name) {
			words = append(words, flagWords(flag)...)
		}
	})
	words = append(words, shellQuote(url))
	for _, word := range verb {
		words = append(words, shellQuote(word))
	}
	return func(id string) string {
		return strings.Join(slices.Concat([]string{"wsx check --only", id}, words), " ")
	}
}

// flagWords are the words that give a flag its value, without secrets.
func flagWords(flag *pflag.Flag) []string {
	name := "--" + flag.Name
	values := []string{flag.Value.String()}
	if many, ok := flag.Value.(*list); ok {
		values = *many
	}
	var words []string
	for _, value := range values {
		switch flag.Name {
		case "header":
			value = dial.Redact([]string{value})[0]
		case "cookie":
			value = strings.TrimPrefix(dial.Redact([]string{"Cookie: " + value})[0], "Cookie: ")
		case "user", "auth":
			user, _, _ := strings.Cut(value, ":")
			value = user + ":[redacted]"
		case "bearer", "passphrase":
			value = "[redacted]"
		case "opt": // which of them are secret, the dialect knows
			option, _, _ := strings.Cut(value, "=")
			value = option + "=[redacted]"
		case "proxy":
			if u, err := url.Parse(value); err == nil && u.User != nil {
				value = u.Redacted()
			}
		}
		switch {
		case flag.Value.Type() == "bool" && flag.Name != "passphrase":
			words = append(words, name)
		case flag.NoOptDefVal != "":
			words = append(words, name+"="+shellQuote(value))
		default:
			words = append(words, name, shellQuote(value))
		}
	}
	return words
}

// shellQuote quotes a word where a shell would take it apart.
func shellQuote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,=", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
