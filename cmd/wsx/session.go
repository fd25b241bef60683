package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"wsx/client"
	"wsx/client/accept"
	"wsx/client/dial"
	"wsx/repl"
	"wsx/repl/render"
	"wsx/server"
)

// run runs the session of the command line, with a script unless that is nil. It reports how the session ended before it
// returns.
func (f *flags) run(s environment, url string, script *scriptRun) error {
	if err := f.checkInput(); err != nil {
		return err
	}
	f.applyDefaults(s)
	if err := f.startDialect(s); err != nil {
		return err
	}
	if f.print.Value != "" {
		return f.printCommand(s, url)
	}
	ending, err := f.endings()
	if err != nil {
		return err
	}
	signals, u := catchSignals(), &ui{}
	ctx, stop := interrupted(s, signals, u.restore)
	defer stop()
	ctx, cancel := f.background.withOpenTimeout(f, ctx)
	defer cancel()
	defer u.close()
	defer s.guard(u.restore)()
	if err := f.openUI(ctx, s, u, script, signals); err != nil {
		return openingError(ctx, err)
	}
	sum, err := f.runSession(ctx, s, u, url, ending)
	if script != nil {
		err = script.finish(s, err)
	}
	if err = f.background.result(err); f.background.isOpen() {
		return f.background.serve(ctx, u, err, sum)
	}
	end := &render.End{Summary: sum, Exit: exitCode(err)}
	switch {
	case is[*signalError](err):
		waitAtMost(endTimeout, func() { u.output.End(nil, end) })
		return &reportedError{err}
	case is[*timeoutError](err):
		waitAtMost(endTimeout, func() { u.output.End(err, end) })
	case f.background != nil:
		u.output.End(err, end)
		f.reportEvents(s, err)
	default:
		if failed := u.output.End(err, end); failed != nil && err == nil {
			return failed
		}
	}
	if err != nil {
		return &reportedError{err}
	}
	return nil
}

// withOpenTimeout returns a context that ends after --timeout. For a background session that bounds only the opening.
func (b *background) withOpenTimeout(f *flags, ctx context.Context) (context.Context, func()) {
	if b == nil || f.timeout == 0 {
		return f.withTimeout(ctx)
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(time.Duration(f.timeout), func() {
		if !b.isOpen() {
			cancel(&timeoutError{after: f.timeout.String()})
		}
	})
	return limited, func() {
		timer.Stop()
		cancel(nil)
	}
}

// endTimeout bounds how long the output may block after a signal or a time limit.
const endTimeout = 150 * time.Millisecond

// waitAtMost calls f and waits for it, for limit at most. It is for the end of the program, which ends the goroutine.
func waitAtMost(limit time.Duration, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// runSession opens the session, runs it, and returns its summary and error.
func (f *flags) runSession(ctx context.Context, s environment, u *ui, url string, ending repl.Ending) (_ client.Summary, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer func() { err = ignoreClosedOutput(ctx, s, err) }()
	if f.background == nil { // which closes standard output
		defer watchOutput(s.stdout, func() { cancel(repl.ErrOutputClosed) })()
	}

	config, err := awaitFiles(ctx, func() (repl.Config, error) {
		defer s.guard(u.restore)()
		return f.config(s, u)
	})
	if err != nil {
		return client.Summary{}, err
	}
	config.Ending = ending
	if f.attached != nil {
		return f.attached.run(ctx, f, u, config)
	}
	var end func()
	if config.URL, end, err = startBuiltin(ctx, url, &config.Options); err != nil {
		return client.Summary{}, err
	}
	defer end()
	if config.URL != url { // a built-in server has another port each time
		config.KeepAs, _, _ = strings.Cut(url, ":")
	}
	if f.dialect != nil {
		if err := f.connectAs(ctx, f.dialect, &config); err != nil {
			return client.Summary{}, err
		}
	}
	f.background.configure(&config)
	session := repl.New(config)
	u.repl.Store(session)
	f.background.bind(session)
	err = session.Run(ctx)
	if expired, ok := errors.AsType[*timeoutError](err); ok && f.dialect != nil {
		err = &timeoutError{expired.after, f.dialect.Missing()}
	}
	return session.Summary(), err
}

// config returns the configuration of a session, without its URL and Ending.
func (f *flags) config(s environment, u *ui) (config repl.Config, err error) {
	config = repl.Config{
		Source: u.source, Name: u.name, Output: u.output,
		Slash: u.inbox != nil, Inbox: u.inbox, Interactive: u.interactive(), Echo: f.echo,
		KeepDir: keepDir(s.getenv), Lockstep: f.lockstep, FragmentSize: f.fragmentSize(), Speed: paces[f.pace.Value],
		Trace: f.trace, Guard: s.guard(u.restore), Completion: u.completion, Status: u.status(),
	}
	config.Dialect = f.dialect
	config.OpenContext = func(name string) (string, dial.Options, error) { return openContext(s, name) }
	if config.Rules, err = f.rules(); err != nil {
		return config, err
	}
	if config.LineEnd = f.eol.Value; config.LineEnd == "none" {
		config.LineEnd = ""
	}
	if u.interactive() {
		config.Recognized = func(title, dialect string) string {
			return fmt.Sprintf("looks like %s: --as %s, or /as %s", title, dialect, dialect)
		}
		config.OpenDialect = func(name string) (*repl.Dialect, error) { return openDialect(s, name, nil) }
		config.Page, config.Edit, config.Height = u.page(s), u.edit(s), u.height
		config.Unread = u.terminal.Unread
	}
	if f.listen != "" {
		config.Accept = f.acceptOptions(u, config.Guard)
	}
	if config.Options, err = f.options(s, u); err != nil {
		return config, err
	}
	if config.Encode, err = f.encoder(); err != nil {
		return config, err
	}
	config.Decoder, err = f.decoder(f.matchDecoder(u))
	return config, err
}

// acceptOptions returns which clients --listen accepts, and when that ends.
func (f *flags) acceptOptions(u *ui, guard func()) *accept.Options {
	rules := &accept.Options{
		Host: server.Host, All: f.all, Stay: f.all || u.interactive(), Wait: !u.interactive(), Guard: guard,
	}
	if f.origin != "" {
		rules.Origins = []string{f.origin}
	}
	return rules
}

// applyDefaults sets the flags that other flags imply.
func (f *flags) applyDefaults(s environment) {
	if f.json {
		f.format.Value = "json"
	}
	if f.stream {
		f.input.Value, f.input.Given, f.binary, f.format.Value = "chunks", true, true, "bytes"
	}
	if f.null {
		f.input.Value, f.input.Given = "null", true
	}
	if f.one {
		f.count = 1
	}
	if f.echo || f.conditional() && !f.wait.Given {
		f.wait.Duration = -1
	}
	if f.noColor {
		f.color.Value = "never"
	}
	if f.format.Value == "" {
		f.format.Value = "raw"
		if isTerminal(s.stdout) && len(f.verb) == 0 { // the reply to a verb is the same at a terminal
			f.format.Value = "pretty"
		}
	}
	if f.maxMessage == 0 && (f.background != nil || f.holdsMessages() || f.slash || f.wantsPrompt(s)) {
		f.maxMessage = defaultMaxMessage
	}
}

// conditional reports whether a message can end the session.
func (f *flags) conditional() bool { return f.count > 0 || f.until != "" || f.untilJQ != "" }

// closesAfterExecute reports whether --wait has wscat's meaning: it is counted from the last -x.
func (f *flags) closesAfterExecute() bool {
	return f.connect != "" && len(f.execute) > 0 && f.wait.Given && f.wait.Duration >= 0 && !f.interactive
}

// holdsMessages reports whether a message must be held whole before it can be shown or matched.
func (f *flags) holdsMessages() bool {
	streams := f.format.Value == "raw" || f.format.Value == "bytes" || f.format.Value == "hex"
	decodes := f.decode.Value != "" && f.decode.Value != "none"
	return !streams || decodes || f.all || f.until != "" || f.untilJQ != "" || f.jq != "" || f.template != "" || f.grep != "" ||
		f.grepV != "" || f.record != "" || f.as != "" || len(f.on)+len(f.onJQ) > 0
}

// endings returns when and how the session ends.
func (f *flags) endings() (repl.Ending, error) {
	e := repl.Ending{
		Wait: time.Duration(f.wait.Duration), Count: f.count, Duration: time.Duration(f.duration),
		CloseCode: f.closeCode, CloseReason: f.closeReason,
	}
	if f.closesAfterExecute() {
		e.Wait = 0 // the source waits
	}
	if f.count < 0 {
		return e, &dial.UsageError{Message: "--count must not be negative"}
	}
	if f.duration < 0 {
		return e, &dial.UsageError{Message: "--duration must not be negative"}
	}
	if err := client.CheckClose(f.closeCode, f.closeReason); err != nil {
		return e, fmt.Errorf("--close-code and --close-reason: %w", err)
	}
	if f.until != "" {
		pattern, err := regexp.Compile(f.until)
		if err != nil {
			return e, &dial.UsageError{Message: fmt.Sprintf("--until %q: %v", f.until, err)}
		}
		e.Until = pattern
	}
	if f.untilJQ != "" {
		query, err := render.NewQuery(f.untilJQ)
		if err != nil {
			return e, fmt.Errorf("--until-jq: %w", err)
		}
		e.UntilJQ = query
	}
	return e, nil
}
