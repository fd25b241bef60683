package main

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"wsx/client"
	"wsx/repl"
)

// converse has the conversation that the command line asks for.
func (f *flags) converse(s surroundings, url string) (client.Summary, error) {
	f.settle(s)
	ending, err := f.endings()
	if err != nil {
		return client.Summary{}, err
	}
	stage, err := f.openStage(s)
	if err != nil {
		return client.Summary{}, err
	}
	defer stage.close()
	ctx, stop := interrupted(s, stage.close)
	defer stop()
	ctx, cancel := f.limited(ctx)
	defer cancel()
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	defer watchGone(s.stdout, func() { leave(repl.ErrOutputGone) })()

	url, end, err := startInside(ctx, url)
	if err != nil {
		return client.Summary{}, err
	}
	defer end()
	options, err := f.options(s)
	if err != nil {
		return client.Summary{}, err
	}
	options.HearSent = stage.showsSent
	options.Trace = f.trace || stage.typed
	conversation := repl.New(repl.Config{
		URL: url, Options: options, Source: stage.source, Display: stage.display,
		Slash: f.slash || stage.typed, Typed: stage.typed, Echo: f.echo, Ending: ending,
		Trace: f.trace, Completion: stage.completion,
	})
	err = conversation.Run(ctx)
	return conversation.Summary(), err
}

// settle works out what flags mean together.
func (f *flags) settle(s surroundings) {
	if f.json {
		f.format.value = "json"
	}
	if f.stream {
		f.input.value, f.binary, f.format.value = "chunks", true, "bytes"
	}
	if f.null {
		f.input.value = "null"
	}
	if f.one {
		f.count = 1
	}
	if f.echo {
		f.wait = -1
	}
	if f.noColor {
		f.color.value = "never"
	}
	if f.format.value == "" {
		f.format.value = "raw"
		if isTerminal(s.stdout) {
			f.format.value = "pretty"
		}
	}
	if f.maxMessage == 0 && (f.until != "" || holds(f.format.value)) {
		f.maxMessage = heldMessage
	}
}

// holds says whether a format must have a message whole before it can show it.
func holds(format string) bool { return format != "raw" && format != "bytes" }

// endings say when the conversation ends.
func (f *flags) endings() (repl.Ending, error) {
	e := repl.Ending{
		Wait: time.Duration(f.wait), Count: f.count,
		CloseCode: f.closeCode, CloseReason: f.closeReason,
	}
	if f.count < 0 {
		return e, &client.UsageError{Message: "--count is not negative"}
	}
	if err := client.CheckClose(f.closeCode, f.closeReason); err != nil {
		return e, fmt.Errorf("--close-code and --close-reason: %w", err)
	}
	if f.until == "" {
		return e, nil
	}
	pattern, err := regexp.Compile(f.until)
	if err != nil {
		return e, &client.UsageError{Message: fmt.Sprintf("--until %q: %v", f.until, err)}
	}
	e.Until = pattern
	return e, nil
}
