package main

import (
	"errors"
	"io"
	"io/fs"
	"log"
	"time"

	"wsx/client"
	"wsx/cmd/wsx/explain"
	"wsx/repl"
	"wsx/repl/render"
)

// run runs the program and returns its exit code.
func run(s environment) int {
	if s.getenv(ttyGuardVariable) != "" {
		return runTTYGuard(s)
	}
	log.SetOutput(io.Discard) // quic-go logs advice about kernel buffers
	f := &flags{}
	root := rootCommand(f, s, func(url string) error { return f.run(s, url, nil) })
	args, words := splitCurl(joinOptionalValues(s.args, root.Flags()), root.Flags())
	if needsCommands(args, root.Flags()) {
		addCommands(root, f, s)
	}
	f.curlWords = words
	root.SetArgs(args)
	out := &checkedWriter{Writer: s.stdout}
	root.SetOut(out)
	err := root.Execute()
	if err == nil {
		err = out.err
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && file.Path == s.stdout.Name() && !is[*repl.OutputError](err) {
		err = &repl.OutputError{Err: err}
	}
	if !is[*reportedError](err) {
		f.report(s, err)
	}
	return exitCode(err)
}

// checkedWriter records the first error of its writes: cobra ignores errors when it prints texts like --help.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// report prints an error that occurred before there was a session output, also as events if the format is json.
func (f *flags) report(s environment, err error) {
	if err == nil {
		return
	}
	s.stderr.Write(render.AppendFailure(nil, err, explain.Hint, f.theme(s, s.stderr)))
	f.reportEvents(s, err)
}

// reportEvents prints an error as events, if the format is json.
func (f *flags) reportEvents(s environment, err error) {
	if f.format.Value != "json" && !f.json {
		return
	}
	now, events := time.Now(), &render.JSON{Hinter: explain.Hint}
	events.Render(s.stdout, client.Event{Kind: client.KindError, Time: now, Detail: err})
	events.Render(s.stdout, client.Event{Kind: client.KindEnd, Time: now, Detail: &render.End{Exit: exitCode(err)}})
}
