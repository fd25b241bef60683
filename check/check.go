// Package check judges whether a server keeps the RFCs of WebSocket: 6455, 7692, 8441 and 9220. A Check is a row of the
// table in check/catalog; Run goes through rows, and returns what came and the verdicts.
package check

import (
	"context"
	"slices"
	"strings"

	"wsx/client/wire"
)

// Severity is how much a broken rule matters.
type Severity string

// The severities: what an RFC demands, what it recommends, what lets others do harm, and what is only good to know.
const (
	Must     Severity = "must"
	Should   Severity = "should"
	Security Severity = "security"
	Info     Severity = "info"
)

// Verdict is what a check found.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Warn         Verdict = "warn"         // right, but not as it was wanted: a connection dropped without a Close
	Skip         Verdict = "skip"         // the check does not apply to this server or this connection
	Inconclusive Verdict = "inconclusive" // the application may have had its own reasons
)

// Verdicts lists the verdicts in the order in which a report counts them.
func Verdicts() []Verdict { return []Verdict{Pass, Fail, Warn, Skip, Inconclusive} }

// Check is one rule and how it is tried.
type Check struct {
	ID       string // "utf8.invalid/overlong-2": the group, a slash, a name
	Severity Severity
	Clause   string // "RFC 6455 8.1"
	Title    string // the rule, as a sentence about the server
	Sent     string // what is sent, in words
	Wanted   string // what is wanted, in words
	Full     bool   // slow or heavy: tried with Options.Full only
	Judge    Judge
	Bases    []Check // rules that this check builds on: where one is broken, a failure says nothing about this one
}

// Group is the part of the ID before the slash.
func (c Check) Group() string {
	group, _, _ := strings.Cut(c.ID, "/")
	return group
}

// Judge tries a check on a server. Its error means that there was no connection to try it on.
type Judge func(ctx context.Context, s *Server) (Outcome, error)

// Outcome is what one try came to.
type Outcome struct {
	Verdict   Verdict
	Came      string       // in words
	Lost      bool         // the connection ended without a Close
	Malformed bool         // what was sent breaks a rule
	Frames    []wire.Trace // what was written and read
	Lines     []string     // the request and the response, secrets redacted; nil if the check is about frames
}

// Finding is a check that was tried.
type Finding struct {
	Check
	Outcome
	Again   string  // the command that repeats it
	Known   bool    // the baseline has the same failure
	Seconds float64 // how long it took
}

// Counts reports whether the finding is a failure at a level, which is a severity or "never". Each level includes those
// before it: must, should, security.
func (f Finding) Counts(level string) bool {
	if f.Verdict != Fail || f.Known {
		return false
	}
	levels := []Severity{Must, Should, Security}
	at := slices.Index(levels, Severity(level))
	own := slices.Index(levels, f.Severity)
	return own >= 0 && own <= at
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
