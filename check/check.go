// Package check tests whether a server conforms to the RFCs of WebSocket: 6455, 7692, 8441 and 9220. A Check is a row of the
// table in check/catalog; Run runs checks, and returns what was received and the verdicts.
package check

import (
	"context"
	"io"
	"slices"
	"strings"
	"wsx/client/dial"
)

// Severity is how much a violation matters.
type Severity string

// The severities: a requirement of an RFC, a recommendation, a vulnerability, and information.
const (
	Must     Severity = "must"
	Should   Severity = "should"
	Security Severity = "security"
	Info     Severity = "info"
)

// Check is a rule and how it is tested.
type Check struct {
	ID       string // "utf8.invalid/overlong-2": the group, a slash, a name
	Severity Severity
	Clause   string // "RFC 6455 8.1"
	Title    string // the rule, as a sentence about the server
	Sent     string // what is sent, in words
	Expected string // the expected reaction, in words
	Full     bool   // slow or expensive: run only if Selection.Full is set
	Run      RunFunc
	Bases    []Check // checks that this one depends on: if one of them fails, a failure is no evidence about this rule
}

// Group is the part of the ID before the slash.
func (c Check) Group() string {
	group, _, _ := strings.Cut(c.ID, "/")
	return group
}

// RunFunc runs a check on a server. An error means that there was no connection to run it on.
type RunFunc func(ctx context.Context, s *Server) (Outcome, error)

// Finding is a check and the outcome of its run.
type Finding struct {
	Check
	Outcome
	RepeatCommand string  // the command that repeats it
	Known         bool    // the baseline has the same failure
	Seconds       float64 // how long it took
}

// counts reports whether the finding is a failure at a level; see Report.Failed.
func (f Finding) counts(level string) bool {
	if f.Verdict != Fail || f.Known {
		return false
	}
	levels := []Severity{Must, Should, Security}
	limit := slices.Index(levels, Severity(level))
	severity := slices.Index(levels, f.Severity)
	return severity >= 0 && severity <= limit
}

// Groups returns the groups of checks in their order, each once.
func Groups(checks []Check) []string {
	var groups []string
	for _, c := range checks {
		if !slices.Contains(groups, c.Group()) {
			groups = append(groups, c.Group())
		}
	}
	return groups
}

// onStream returns a check that calls run with a connection without extensions, which run closes.
func onStream(run func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if s.Facts.Broken != nil {
			return noConnection(), nil
		}
		up, err := s.open(ctx, false)
		if err != nil {
			return Outcome{}, err
		}
		return run(ctx, s, up.Stream), nil
	}
}

// onTransport returns a check that calls run with a connection before any request, unless skips returns an outcome.
func onTransport(skips func(*Server) (Outcome, bool), run func(ctx context.Context, s *Server, t *dial.Transport) Outcome) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if o, skip := skips(s); skip {
			return o, nil
		}
		t, err := s.connect(ctx)
		if err != nil {
			return Outcome{}, err
		}
		defer t.Close()
		stop := context.AfterFunc(ctx, func() { t.Close() })
		defer stop()
		return run(ctx, s, t), nil
	}
}
