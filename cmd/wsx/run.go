package main

import (
	"errors"
	"io"
	"log"
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// run is the program: it returns its exit code.
func run(s surroundings) int {
	if s.env(guardianSign) != "" {
		return beGuardian(s)
	}
	log.SetOutput(io.Discard) // a library's advice about buffers of the kernel is no message of ours
	f := &flags{}
	root := command(f, s, func(url string) error { return f.converse(s, url, nil) })
	root.SetArgs(joinOptionals(s.args, root.Flags()))
	err := root.Execute()
	var told *toldError
	if !errors.As(err, &told) {
		f.report(s, err)
	}
	return exitCode(err)
}

// toldError is an error that the conversation's display has told already.
type toldError struct{ error }

func (e *toldError) Unwrap() error { return e.error }

// report says what went wrong where there was no display yet, and tells it as events where events are wanted.
func (f *flags) report(s surroundings, err error) {
	if err == nil {
		return
	}
	s.stderr.Write(render.AppendFailure(nil, err, f.theme(s, s.stderr)))
	if f.format.value != "json" && !f.json {
		return
	}
	now, events := time.Now(), &render.JSON{}
	events.Render(s.stdout, client.Event{Kind: client.Failed, Time: now, Detail: err})
	events.Render(s.stdout, client.Event{Kind: client.Ended, Time: now, Detail: &client.Summary{Exit: exitCode(err)}})
}
