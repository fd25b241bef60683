package load

import (
	"fmt"
	"strings"

	"wsx/load/report"
)

// LostError is the error when more than half of the connections were lost or could not be opened, so that the report describes
// a failure.
type LostError struct {
	URL               string
	Lost, Connections int
	Close             *report.Close // the first one that the server sent; nil = it sent none
}

func (e *LostError) Error() string {
	message := fmt.Sprintf("load %s: %d of %d connections were lost or could not be opened", e.URL, e.Lost, e.Connections)
	if e.Close == nil {
		return message
	}
	message += fmt.Sprintf("; the server sent Close %d", e.Close.Code)
	if e.Close.Reason != "" {
		message += fmt.Sprintf(" %q", e.Close.Reason)
	}
	return message
}

// UnmeasuredError is the error when nothing arrived that could be measured.
type UnmeasuredError struct {
	URL      string
	Scenario string
	Refused  bool    // all replies were errors
	Rate     float64 // replies per second to earlier messages, which the server still works on
}

func (e *UnmeasuredError) Error() string {
	why := map[string]string{"receive": "no message was received", "fanout": "no message reached a receiver"}[e.Scenario]
	switch {
	case e.Refused:
		why = "all replies were errors"
	case why == "" && e.Rate > 0:
		why = fmt.Sprintf("no message was answered in time: the server is still busy with earlier ones, of which it answers %.0f a second", e.Rate)
	case why == "":
		why = "no message was answered"
	}
	return fmt.Sprintf("load %s: %s", strings.TrimSuffix(e.URL, ":"), why)
}

// Facts returns the reason and its facts, for a hint. The rate is one that the server may keep up with.
func (e *UnmeasuredError) Facts() (reason string, facts map[string]string) {
	switch {
	case e.Refused:
		return "", nil
	case e.Scenario == "echo" && e.Rate > 0:
		return "unmeasured-busy", map[string]string{"rate": fmt.Sprintf("%.0f", max(1, e.Rate/2))}
	}
	return "unmeasured-" + e.Scenario, nil
}

// Verdict returns why a report describes a failure, whatever its objectives are: a *LostError or an *UnmeasuredError; nil = it
// does not.
func Verdict(r *report.Report) error {
	switch {
	case r.MostlyLost():
		return &LostError{URL: r.URL, Lost: r.Missing(), Connections: r.Connections, Close: r.FirstClose}
	case r.Unmeasured():
		return &UnmeasuredError{URL: r.URL, Scenario: r.Scenario, Refused: r.Errors["reply"] > 0, Rate: r.Rate}
	}
	return nil
}
