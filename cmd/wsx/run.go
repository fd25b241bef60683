package main

import (
	"time"

	"wsx/client"
	"wsx/repl/render"
)

// run is the program: it returns its exit code.
func run(s surroundings) int {
	f := &flags{}
	var summary client.Summary
	root := command(f, s, func(url string) (err error) {
		summary, err = f.converse(s, url)
		return err
	})
	root.SetArgs(joinOptionals(s.args, root.Flags()))
	err := root.Execute()
	summary.Exit = exitCode(err)
	f.report(s, err, &summary)
	return summary.Exit
}

// report says what went wrong, once, and tells the end as events where events are wanted.
func (f *flags) report(s surroundings, err error, summary *client.Summary) {
	now := time.Now()
	if err != nil && !isSignal(err) {
		s.stderr.Write(render.AppendFailure(nil, err, f.theme(s, s.stderr)))
	}
	if f.format.value != "json" && !f.json {
		return
	}
	events := &render.JSON{}
	if err != nil {
		events.Render(s.stdout, client.Event{Kind: client.Failed, Time: now, Detail: err})
	}
	events.Render(s.stdout, client.Event{Kind: client.Ended, Time: now, Detail: summary})
}
