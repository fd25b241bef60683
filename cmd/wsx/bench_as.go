package main

import (
	"context"
	"slices"

	"wsx/client/dial"
	"wsx/dialect"
	"wsx/load"
)

// benchAs fills in the dialect of --as and its verb; without --as it does nothing.
func (f *flags) benchAs(s environment, run *benchRun) error {
	verb := f.verb
	f.verb = nil // its words may be templates
	d, err := f.newDialect(s)
	if err != nil || d == nil {
		return err
	}
	scenario := run.options.Scenario
	switch {
	case run.execute != "" || run.match != "":
		return &dial.UsageError{Message: "--as sends a verb and pairs its replies: it cannot be used with -x or --match"}
	case (scenario == "echo" || scenario == "fanout") && len(verb) == 0:
		return &dial.UsageError{Message: "--as needs a verb", Hint: "wsx bench --as " + f.as + " URL -- VERB ARG...; wsx dialect show " + f.as}
	}
	as := &dialectConnector{flags: f, dialect: d.State.Dialect()}
	if as.options, err = f.dialectOptions(); err != nil {
		return err
	}
	verbs, err := parseVerbs(verb, as.dialect)
	if err != nil {
		return err
	}
	run.options.Opening = verbs
	if last := len(verbs) - 1; last >= 0 && scenario != "connect" {
		run.options.Opening, run.options.Verb = verbs[:last], verbs[last]
	}
	if scenario == "fanout" && !run.options.Verb.HasMark() {
		return &dial.UsageError{Message: "fanout cannot recognize its messages: the verb has no {{.Mark}}", Hint: "-- " + verb[0] + " ... '{{.Mark}}'"}
	}
	run.as = as
	run.options.Message = load.SizedMessage(dialectMessage, false)
	return nil
}

// parseVerbs reads verbs with -- between them.
func parseVerbs(words []string, d *dialect.Dialect) ([]*load.Verb, error) {
	var verbs []*load.Verb
	for len(words) > 0 {
		end := slices.Index(words, "--")
		if end < 0 {
			end = len(words)
		}
		if end == 0 || end == len(words)-1 {
			return nil, &dial.UsageError{Message: "--as: a verb is missing before or after --", Hint: "wsx bench --as NAME URL -- subscribe room -- publish room TEXT"}
		}
		verb, err := load.ParseVerb(words[0], words[1:end])
		if err != nil {
			return nil, &dial.UsageError{Message: err.Error()}
		}
		if err := verb.Check(d); err != nil {
			return nil, err
		}
		verbs, words = append(verbs, verb), words[min(end+1, len(words)):]
	}
	return verbs, nil
}

// dialectMessage is the assumed size of a dialect's messages, in bytes, for the buffers of a connection.
const dialectMessage = 256

// dialAs opens a connection as a client of the protocol does. Each has a dialect state of its own.
func (r *benchRun) dialAs(ctx context.Context, n int) (load.Opened, error) {
	url, o, state, err := r.as.connect(ctx, r.url, r.dialOptions(n))
	if err != nil {
		return load.Opened{}, err
	}
	dialer, err := dial.New(ctx, url, o)
	if err != nil {
		return load.Opened{}, err
	}
	up, err := dialer.Dial(ctx)
	return load.Opened{Conn: up, State: state}, err
}
