package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/check"
	"wsx/junit"
)

// JUnit writes a report as JUnit XML, with a suite for each group. Checks that were skipped, are inconclusive or failed in the
// baseline are marked as skipped; a check with a warning passes, and its text has the warning.
func JUnit(w io.Writer, r *check.Report, url string) error {
	var suites []*junit.Suite
	for _, f := range r.Findings {
		if n := len(suites); n == 0 || suites[n-1].Name != f.Group() {
			suites = append(suites, junit.NewSuite(f.Group()))
		}
		suites[len(suites)-1].Add(testcase(f), durationOf(f.Seconds))
	}
	if r.Down != "" {
		server := junit.NewSuite("server")
		server.Add(junit.Case{Class: "server", Name: "up", Failure: &junit.Message{Message: "down after " + r.Down, Type: "down"}}, 0)
		suites = append(suites, server)
	}
	return junit.Write(w, "wsx check "+url, durationOf(r.Seconds), suites...)
}

func durationOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func testcase(f check.Finding) junit.Case {
	_, name, _ := strings.Cut(f.ID, "/")
	c := junit.Case{Class: f.Group(), Name: name}
	switch {
	case f.Verdict == check.Fail && !f.Known:
		c.Failure = &junit.Message{Message: fmt.Sprintf("expected %s, received %s", f.Expected, f.Received), Type: string(f.Severity), Text: details(f)}
	case f.Verdict == check.Warn:
		c.Out = "warn: " + f.Received
	case f.Verdict != check.Pass:
		c.Skipped = &junit.Message{Message: string(f.Verdict) + ": " + f.Received}
	}
	return c
}

// details returns a finding as lines.
func details(f check.Finding) string {
	return fmt.Sprintf("%s (%s, %s)\nsent: %s\nexpected: %s\nreceived: %s\nrepeat: %s\n", f.Title, f.Severity, f.Clause, f.Sent, f.Expected, f.Received, f.RepeatCommand)
}
