package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wsx/check"
	"wsx/check/report"
	"wsx/client"
	"wsx/client/dial"
	"wsx/cmd/wsx/explain"
	"wsx/dialect"
	"wsx/repl"
	"wsx/repl/render"
)

// checkRun is a run of checks against a server.
type checkRun struct {
	flags   *flags
	env     environment
	check   *checkFlags
	checks  []check.Check
	options check.Options
	text    *report.Text
	dial    client.Options

	protocol *check.Protocol // of --as; nil = none
	files    []reportFile
}

// checkRun checks the flags, before anything is dialed, and returns the run.
func (f *flags) checkRun(ctx context.Context, s environment, cmd *cobra.Command, args []string, o *checkFlags, checks []check.Check) (*checkRun, error) {
	url, err := f.url(s, args)
	if err != nil {
		return nil, err
	}
	if o.jobs < 1 || o.jobs > maxJobs {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--jobs %d: expected 1 to %d", o.jobs, maxJobs)}
	}
	if o.timeout <= 0 {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--patience %s: expected a positive duration", &o.timeout)}
	}
	r := &checkRun{flags: f, env: s, check: o, checks: checks}
	if r.dial, err = f.options(s, &ui{}); err != nil {
		return nil, err
	}
	if err := r.setDialect(); err != nil {
		return nil, err
	}
	if !isBuiltinURL(url) {
		if _, err := dial.New(ctx, url, withoutPrompts(r.dial.Options)); err != nil {
			return nil, err
		}
	}
	shown := redactedURL(url)
	r.options = check.Options{
		URL: url, Jobs: o.jobs, Timeout: time.Duration(o.timeout), Carrier: o.carrier, GroupDone: r.reportGroup, Calibrated: r.reportServer, RepeatCommand: repeatCommand(cmd, shown, f.verb),
	}
	if !f.quiet && isTerminal(s.stderr) {
		r.options.Progress = r.progress
	}
	if o.baseline != "" {
		if r.options.Baseline, err = readBaseline(o.baseline); err != nil {
			return nil, err
		}
	}
	if r.files, err = o.openFiles(); err != nil {
		return nil, err
	}
	theme := f.theme(s, s.stdout)
	r.text = &report.Text{W: s.stdout, Clean: cleanLine, URL: shown, Paint: func(v check.Verdict, text string) string {
		return map[check.Verdict]render.Style{check.Pass: theme.Out, check.Fail: theme.Error, check.Warn: theme.Hint}[v].Paint(text)
	}}
	if o.frames {
		r.text.Frames = func(f check.Finding) string { return formatFrames(f, theme) }
	}
	return r, nil
}

// setDialect fills in the dialect of --as, and does nothing without it.
func (r *checkRun) setDialect() error {
	d, err := r.flags.newDialect(r.env)
	if err != nil || d == nil {
		return err
	}
	as := &dialectConnector{flags: r.flags, dialect: d.State.Dialect()}
	if as.options, err = r.flags.dialectOptions(); err != nil {
		return err
	}
	if len(r.flags.verb) > 0 && r.check.carrier != "" {
		return &dial.UsageError{Message: "use either a verb or --carrier, not both: " + r.flags.verb[0], Hint: "--carrier sends a message as it is, without a verb"}
	}
	r.protocol = &check.Protocol{Connect: func(ctx context.Context) (string, dial.Options, *dialect.State, error) {
		return as.connect(ctx, r.options.URL, r.options.Dial)
	}}
	if verb := r.flags.verb; len(verb) > 0 {
		r.protocol.Verb, r.protocol.Words = verb[0], verb[1:]
	}
	return nil
}

// withoutPrompts returns options that ask for no secret, to validate the others before the run asks for them.
func withoutPrompts(o dial.Options) dial.Options {
	answer := func(context.Context, string) (string, error) { return "", nil }
	if o.AskPassword != nil {
		o.AskPassword = answer
	}
	if o.AskPassphrase != nil {
		o.CertFile, o.KeyFile = "", ""
	}
	return o
}

// run runs the checks, reports, and returns the error that the exit code depends on.
func (r *checkRun) run(ctx context.Context) error {
	url, end, err := startBuiltin(ctx, r.options.URL, &r.dial)
	if err != nil {
		return err
	}
	defer end()
	r.options.URL, r.options.Dial, r.options.Protocol = url, r.dial.Options, r.protocol
	rep, err := check.Run(ctx, r.checks, r.options)
	if err != nil {
		return err
	}
	ended := r.ending(rep)
	if err := r.end(rep, exitCode(ended)); err != nil {
		return err
	}
	if ended == nil {
		return nil
	}
	if is[*signalError](ended) || errors.Is(ended, repl.ErrOutputClosed) {
		return &reportedError{ended} // the exit code reports it
	}
	r.env.stderr.Write(render.AppendFailure(nil, ended, explain.Hint, r.flags.theme(r.env, r.env.stderr)))
	return &reportedError{ended}
}

// ending returns the error that a run ends with; nil = it ended well. The report has the findings.
func (r *checkRun) ending(rep *check.Report) error {
	what := "check " + r.text.URL
	failed := rep.Failed(r.check.failOn.Value)
	switch {
	case rep.Down != "":
		return &codedError{fmt.Sprintf("%s: the server was down after %s", what, rep.Down), exitLost}
	case rep.Stopped != nil:
		return rep.Stopped
	case failed == 0:
		return nil
	}
	message := fmt.Sprintf("%s: %d checks failed", what, failed)
	if failed == 1 {
		message = what + ": 1 check failed"
	}
	if others := rep.Count(check.Fail) - failed; others > 0 {
		message += fmt.Sprintf(", and %d more that do not count", others)
	}
	return &codedError{message, exitProtocol}
}

// reportServer reports what was found out about the server before the first check.
func (r *checkRun) reportServer(server *check.Server) {
	if !r.flags.json {
		r.text.Begin(server, check.Groups(r.checks))
	}
}

// reportGroup reports the findings of a group.
func (r *checkRun) reportGroup(group string, findings []check.Finding) {
	if r.options.Progress != nil {
		fmt.Fprint(r.env.stderr, "\r\x1b[K")
	}
	if r.flags.json {
		report.Events(r.env.stdout, findings)
		return
	}
	r.text.Group(group, findings)
}

// progress shows how many checks of a group are done.
func (r *checkRun) progress(group string, done, of int) {
	fmt.Fprintf(r.env.stderr, "\r  %s %d/%d\x1b[K", group, done, of)
}

// end writes the files and the summary.
func (r *checkRun) end(rep *check.Report, exit int) error {
	for _, file := range r.files {
		err := file.write(file, rep, r.text.URL)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if r.flags.json {
		return report.Summary(r.env.stdout, rep, exit)
	}
	return r.text.End(rep)
}

// formatFrames returns the frames of a finding as --trace shows them, or the request and the response.
func formatFrames(f check.Finding, theme render.Theme) string {
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
