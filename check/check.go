// Package check tests whether a server conforms to the RFCs of WebSocket: 6455, 7692, 8441 and 9220. A Check is a row of the
// table in check/catalog; Run runs checks, and returns what was received and the verdicts.
package check

import (
	"context"
	"slices"
	"strings"

	"wsx/client/wire"
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

// Verdict is the result of a check.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Warn         Verdict = "warn"         // conforming, but not as recommended, such as a connection dropped without a Close
	Skip         Verdict = "skip"         // the check does not apply to this server or this connection
	Inconclusive Verdict = "inconclusive" // the application may have caused the reaction
)

// Verdicts lists the verdicts in the order in which a report counts them.
func Verdicts() []Verdict { return []Verdict{Pass, Fail, Warn, Skip, Inconclusive} }

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

// Outcome is the result of one run of a check.
type Outcome struct {
	Verdict   Verdict
	Received  string       // in words
	Lost      bool         // the connection ended without a Close
	Malformed bool         // what was sent violates a rule
	Frames    []wire.Trace // what was written and read
	Lines     []string     // the request and the response, secrets redacted; nil if the check is about frames
}

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
