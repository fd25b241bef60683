package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wsx/check"
	"wsx/check/catalog"
	"wsx/check/report"
	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/curl"
	"wsx/repl/render"
)

const checkLong = `wsx check tests whether a server conforms to the WebSocket RFCs: it sends what they allow and what they forbid, and looks at
the reaction. The server need not echo: after each check, it must answer a ping. wsx check sends malformed frames, so run it
only against servers that you are allowed to test.

A verdict is pass, fail, warn (the server dropped the connection where a Close was expected), inconclusive (the application
may have had reasons of its own) or skip. The exit code is 0; 6 if a check at the level of --fail-on failed; 7 if the server
went down; 3, 4 or 5 if there was no connection at all.`

const checkExample = `  wsx check ws://localhost:8080
  wsx check --only utf8,close.code --json ws://localhost:8080
  wsx check --as socketio localhost:3000 emit hello
  wsx check --list`

// checkFlags are the flags of wsx check, without those for connecting.
type checkFlags struct {
	selection                    check.Selection
	list                         bool
	carrier                      string
	jobs                         int
	timeout                      value.Duration
	failOn                       value.Choice
	baseline, junit, sarif, html string
	frames                       bool
}

// checkCommand returns the command wsx check. It connects with the flags of the root command.
func checkCommand(f *flags, s environment) *cobra.Command {
	var o checkFlags
	cmd := &cobra.Command{
		Use:               "check URL [VERB ARG...]",
		Short:             "test whether a server conforms to the RFCs",
		Long:              checkLong,
		Example:           checkExample,
		ValidArgsFunction: completeURL,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.check(s, cmd, args, &o)
		},
	}
	parts := []section{
		{"Checking", o.declare},
		{"Reporting", o.reporting},
		{"Connection", func(f *flags, set *pflag.FlagSet) {
			declareExcept(f.connectionFlags, set, "connect", "listen", "all", "max-message")
		}},
		{"Authentication", (*flags).authFlags},
		{"TLS", (*flags).tlsFlags},
		{"Proxy and routing", (*flags).proxyFlags},
		{"Encoding", func(f *flags, set *pflag.FlagSet) {
			declareExcept(f.dialectFlags, set, "raw")
			set.Lookup("as").Usage = "before each check, log in with the application protocol `NAME`, from wsx dialect list, or the one that a file describes. VERB ARG... after the URL makes the message for --carrier"
		}},
	}
	addFlags(cmd, f, parts, "wsx check [flags] URL [VERB ARG...]")
	return cmd
}

func (o *checkFlags) declare(_ *flags, set *pflag.FlagSet) {
	set.StringSliceVar(&o.selection.Only, "only", nil, "run only the checks whose ids begin with one of `ID,...`")
	set.StringSliceVar(&o.selection.Skip, "skip", nil, "skip the checks whose ids begin with one of `ID,...`")
	set.BoolVar(&o.selection.Full, "full", false, "run the slow and heavy checks as well")
	set.BoolVar(&o.list, "list", false, "list the checks: id, severity, clause and title")
	set.StringVar(&o.carrier, "carrier", "", "where a check needs a message that the application accepts, send `MSG`")
	set.IntVar(&o.jobs, "jobs", check.DefaultJobs, "open at most `N` connections at once")
	o.timeout = value.Duration(check.DefaultTimeout)
	set.Var(&o.timeout, "patience", "wait `D` for an answer")
	o.failOn = value.Choice{Value: "must", Among: []string{"must", "should", "security", "never"}}
	set.Var(&o.failOn, "fail-on", "exit with 6 if a check of this `LEVEL` failed: must, should (includes must), security (includes both), never")
	set.StringVar(&o.baseline, "baseline", "", "ignore failures that are in `FILE`, which --json wrote")
}

func (o *checkFlags) reporting(f *flags, set *pflag.FlagSet) {
	set.BoolVar(&f.json, "json", false, "report as JSON objects, one per line")
	set.StringVar(&o.junit, "junit", "", "write JUnit XML to `FILE` as well")
	set.StringVar(&o.sarif, "sarif", "", "write SARIF 2.1.0 to `FILE` as well")
	set.StringVar(&o.html, "html", "", "write an HTML report to `FILE` as well")
	set.BoolVarP(&o.frames, "verbose", "v", false, "show every frame of the checks that failed")
	declareOnly(f.outputFlags, set, "color", "no-color")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
}

// maxJobs is the largest number of connections that can be open at once.
const maxJobs = 256

// check runs the checks against a server, and reports.
func (f *flags) check(s environment, cmd *cobra.Command, args []string, o *checkFlags) error {
	if f.noColor {
		f.color.Value = "never"
	}
	checks, err := o.selection.Select(catalog.All())
	if err != nil {
		return &dial.UsageError{Message: err.Error(), Hint: "wsx check --list lists the checks"}
	}
	if len(checks) == 0 {
		return &dial.UsageError{Message: "--only and --skip leave no check to run", Hint: "wsx check --list lists the checks; with --full, all of them"}
	}
	if o.list {
		return listChecks(s.stdout, checks, f.json)
	}
	ctx, stop := interrupted(s, catchSignals(), func() {})
	defer stop()
	ctx, end := untilOutputClosed(ctx, s)
	defer end()
	run, err := f.checkRun(ctx, s, cmd, args, o, checks)
	if err != nil {
		return openingError(ctx, err)
	}
	return ignoreClosedOutput(ctx, s, run.run(ctx))
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

// reportFile is a file for the report. It is opened before the run, so that a file that cannot be written fails early.
type reportFile struct {
	*os.File
	write func(w io.Writer, r *check.Report, url string) error
}

// openFiles opens the files of --junit, --sarif and --html.
func (o *checkFlags) openFiles() ([]reportFile, error) {
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
			return nil, &dial.UsageError{Message: fmt.Sprintf("--%s writes to a file, and - is not a file name", one.flag), Hint: "the report is on standard output; --json prints it as JSON objects"}
		}
		file, err := os.Create(one.path)
		if err != nil {
			return nil, &dial.UsageError{Message: fmt.Sprintf("--%s: %v", one.flag, err)}
		}
		files = append(files, reportFile{file, one.write})
	}
	return files, nil
}

func readBaseline(path string) (map[string]bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &dial.UsageError{Message: "--baseline: " + err.Error()}
	}
	defer file.Close()
	known, err := report.ReadBaseline(file)
	if err != nil {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--baseline %s: %v", path, err), Hint: "wsx check --json URL > FILE makes one"}
	}
	return known, nil
}

// redactedURL returns a URL without its secrets.
func redactedURL(text string) string {
	target, err := dial.ParseURL(text)
	if err != nil || isBuiltinURL(text) {
		return text
	}
	return dial.RedactURL(target.String())
}

// repeatCommand returns a function that makes the command line for one check, with the flags for connecting and without
// secrets. verb is the verb after the URL and its arguments.
func repeatCommand(cmd *cobra.Command, url string, verb []string) func(id string) string {
	unneeded := []string{"only", "skip", "full", "json", "verbose", "color", "no-color", "quiet", "jobs", "fail-on", "baseline", "junit", "sarif", "html"}
	var words []string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(unneeded, flag.Name) {
			words = append(words, flagWords(flag)...)
		}
	})
	words = append(words, curl.Quote(url))
	for _, word := range verb {
		words = append(words, curl.Quote(word))
	}
	return func(id string) string {
		return strings.Join(slices.Concat([]string{"wsx check --only", id}, words), " ")
	}
}

// flagWords returns the arguments that set a flag to its value, without secrets.
func flagWords(flag *pflag.Flag) []string {
	name := "--" + flag.Name
	values := []string{flag.Value.String()}
	if many, ok := flag.Value.(cobra.SliceValue); ok {
		values = many.GetSlice()
		if flag.Name == "subprotocol" { // a name may be a token because of the name before it
			values = []string{dial.RedactHeader("Sec-WebSocket-Protocol", strings.Join(values, ", "))}
		}
	}
	var words []string
	for _, value := range values {
		switch flag.Name {
		case "header":
			value = dial.Redact([]string{value})[0]
		case "cookie":
			value = dial.RedactHeader("Cookie", value)
		case "user", "auth":
			user, _, _ := strings.Cut(value, ":")
			value = user + ":" + dial.Redacted
		case "bearer", "passphrase":
			value = dial.Redacted
		case "opt": // only the dialect knows which of them are secret
			option, _, _ := strings.Cut(value, "=")
			value = option + "=" + dial.Redacted
		case "proxy":
			value = dial.RedactURL(value)
		}
		switch {
		case flag.Value.Type() == "bool" && flag.Name != "passphrase":
			words = append(words, name)
		case flag.NoOptDefVal != "":
			words = append(words, name+"="+curl.Quote(value))
		default:
			words = append(words, name, curl.Quote(value))
		}
	}
	return words
}

func cleanLine(text string) string { return string(render.SanitizeLine(nil, text)) }
