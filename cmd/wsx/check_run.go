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
	if o.patience <= 0 {
		return nil, &dial.UsageError{Message: fmt.Sprintf("--patience %s: expected a positive duration", &o.patience)}
	}
	j := &checkRun{flags: f, env: s, check: o, checks: checks}
	if j.dial, err = f.options(s, &ui{}); err != nil {
		return nil, err
	}
	if err := j.setDialect(); err != nil {
		return nil, err
	}
	if !isBuiltinURL(url) {
		if _, err := dial.New(ctx, url, withoutPrompts(j.dial.Options)); err != nil {
			return nil, err
		}
	}
	shown := redactedURL(url)
	j.options = check.Options{
		URL: url, Jobs: o.jobs, Timeout: time.Duration(o.patience), Carrier: o.carrier, GroupDone: j.reportGroup, Calibrated: j.reportServer, RepeatCommand: repeatCommand(cmd, shown, f.verb),
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
		j.text.Frames = func(f check.Finding) string { return formatFrames(f, theme) }
	}
	return j, nil
}

// setDialect fills in the dialect of --as, and does nothing without it.
func (j *checkRun) setDialect() error {
	d, err := j.flags.newDialect(j.env)
	if err != nil || d == nil {
		return err
	}
	as := &dialectConnector{flags: j.flags, dialect: d.State.Dialect()}
	if as.options, err = j.flags.dialectOptions(); err != nil {
		return err
	}
	if len(j.flags.verb) > 0 && j.check.carrier != "" {
		return &dial.UsageError{Message: "use either a verb or --carrier, not both: " + j.flags.verb[0], Advice: "--carrier sends a message as it is, without a verb"}
	}
	j.protocol = &check.Protocol{Connect: func(ctx context.Context) (string, dial.Options, *dialect.State, error) {
		return as.connect(ctx, j.options.URL, j.options.Dial)
	}}
	if verb := j.flags.verb; len(verb) > 0 {
		j.protocol.Verb, j.protocol.Words = verb[0], verb[1:]
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

func cleanLine(text string) string { return string(render.SanitizeLine(nil, text)) }

// run runs the checks, reports, and returns the error that the exit code depends on.
func (j *checkRun) run(ctx context.Context) error {
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
	if is[*signalError](ended) || errors.Is(ended, repl.ErrOutputGone) {
		return &reportedError{ended} // the exit code reports it
	}
	j.env.stderr.Write(render.AppendFailure(nil, ended, explain.Hint, j.flags.theme(j.env, j.env.stderr)))
	return &reportedError{ended}
}

// ending returns the error that a run ends with; nil = it ended well. The report has the findings.
func (j *checkRun) ending(r *check.Report) error {
	what := "check " + j.text.URL
	failed := r.Failed(j.check.failOn.value)
	switch {
	case r.Down != "":
		return &codedError{fmt.Sprintf("%s: the server was down after %s", what, r.Down), exitLost}
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
		message += fmt.Sprintf(", and %d more that do not count", others)
	}
	return &codedError{message, exitProtocol}
}

// reportServer reports what was found out about the server before the first check.
func (j *checkRun) reportServer(server *check.Server) {
	if !j.flags.json {
		j.text.Begin(server, check.Groups(j.checks))
	}
}

// reportGroup reports the findings of a group.
func (j *checkRun) reportGroup(group string, findings []check.Finding) {
	if j.options.Progress != nil {
		fmt.Fprint(j.env.stderr, "\r\x1b[K")
	}
	if j.flags.json {
		report.Events(j.env.stdout, findings)
		return
	}
	j.text.Group(group, findings)
}

// progress shows how many checks of a group are done.
func (j *checkRun) progress(group string, done, of int) {
	fmt.Fprintf(j.env.stderr, "\r  %s %d/%d\x1b[K", group, done, of)
}

// end writes the files and the summary.
func (j *checkRun) end(r *check.Report, exit int) error {
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
		return report.Summary(j.env.stdout, r, exit)
	}
	return j.text.End(r)
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
