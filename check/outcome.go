package check

import "wsx/client/wire"

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

// Outcome is the result of one run of a check.
type Outcome struct {
	Verdict   Verdict
	Received  string       // in words
	Lost      bool         // the connection ended without a Close
	Malformed bool         // what was sent violates a rule
	Frames    []wire.Trace // what was written and read
	Lines     []string     // the request and the response, secrets redacted; nil if the check is about frames
}

// noConnection returns the outcome of a check about frames if the opening handshake is invalid.
func noConnection() Outcome {
	return Outcome{Verdict: Skip, Received: "the opening handshake is invalid"}
}
