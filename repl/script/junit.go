package script

import (
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/junit"
)

// writeJUnit writes JUnit XML: a run is a suite, each line a case.
func writeJUnit(w io.Writer, points []checkpoint, file string) error {
	file = clean(file)
	suite := junit.NewSuite(file)
	var took time.Duration
	for _, p := range points {
		took += p.took
		c := junit.Case{Class: file, Name: p.name}
		switch {
		case p.state == notReached:
			c.Skipped = &junit.Message{Message: "not reached"}
		case p.state == failed && p.isError:
			c.Error = &junit.Message{Message: p.reason}
		case p.state == failed:
			c.Failure = &junit.Message{Message: p.reason, Text: diagnosis(p)}
		}
		suite.Add(c, p.took)
	}
	return junit.Write(w, file, took, suite)
}

// diagnosis returns what was wanted and what was received.
func diagnosis(p checkpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "expected: %s\n", p.wanted)
	for _, text := range p.got {
		fmt.Fprintf(&b, "received: %s\n", text)
	}
	return b.String()
}
