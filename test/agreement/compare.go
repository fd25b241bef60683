package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// finding is a line of "wsx check --json" about one check.
type finding struct {
	Event    string
	ID       string
	Severity string
	Verdict  string
	Received string `json:"came"`
}

// runChecks runs wsx check, and returns its findings and its duration in seconds.
func runChecks(ctx context.Context, wsx, url string) (findings []finding, seconds float64, err error) {
	out, err := exec.CommandContext(ctx, wsx, "check", "--json", url).Output()
	exit, hasRun := errors.AsType[*exec.ExitError](err)
	if err != nil && !hasRun {
		return nil, 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			finding
			Seconds float64
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, 0, fmt.Errorf("wsx check: %w", err)
		}
		switch line.Event {
		case "check":
			findings = append(findings, line.finding)
		case "summary":
			seconds = line.Seconds
		}
	}
	if len(findings) == 0 {
		return nil, 0, fmt.Errorf("wsx check: %w\n%s", err, exit.Stderr)
	}
	return findings, seconds, lines.Err()
}

// caseVerdict is the verdict of the suite on a case.
type caseVerdict struct {
	Case          string
	Behavior      string
	BehaviorClose string
	Result        string
}

// runCases runs the cases that are mapped to checks.
func runCases(ctx context.Context, autobahn, url string) ([]caseVerdict, error) {
	var names []string
	for _, m := range mappings() {
		names = append(names, m.cases...)
	}
	cmd := exec.CommandContext(ctx, autobahn, "--server", url, "--json", "--groups", strings.Join(names, ","))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var verdicts []caseVerdict
	if json.Unmarshal(out, &verdicts) != nil {
		return nil, fmt.Errorf("autobahn: %v\n%s%s", err, out, &stderr)
	}
	return verdicts, nil
}

// outcome is a verdict in the words that both tools have in common.
type outcome string

const (
	right     outcome = "right"
	wrong     outcome = "wrong"
	notStrict outcome = "not strict" // right, but later than it should be
	noOutcome outcome = "no verdict" // there is no right behavior, or the server does not have the feature
)

// outcome returns the outcome in the suite, without its verdict about how TCP was closed.
func (v caseVerdict) outcome() outcome {
	switch {
	case v.Behavior == "UNIMPLEMENTED", v.Behavior == "INFORMATIONAL":
		return noOutcome
	case v.Behavior == "NON-STRICT":
		return notStrict
	case v.Behavior == "OK" && v.BehaviorClose != "WRONG CODE":
		return right
	}
	return wrong
}

// outcomeOf returns the outcome of wsx check on some checks, and the check that determines it.
func outcomeOf(ids []string, findings []finding) (outcome, finding) {
	verdict, decisive := noOutcome, finding{}
	for _, f := range findings {
		if !matches(ids, f.ID) {
			continue
		}
		switch {
		case f.Verdict == "fail" && !isFailFast(f.ID):
			return wrong, f
		case f.Verdict == "fail":
			verdict, decisive = notStrict, f
		case (f.Verdict == "pass" || f.Verdict == "warn") && verdict == noOutcome:
			verdict, decisive = right, f
		}
	}
	return verdict, decisive
}

// isFailFast reports whether a check is about failing early: a late failure is not strict.
func isFailFast(id string) bool { return strings.HasSuffix(id, "-fail-fast") }

// matches reports whether an id is in a list, or begins with an id of the list that ends in *.
func matches(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(want string) bool {
		prefix, ok := strings.CutSuffix(want, "*")
		return id == want || ok && strings.HasPrefix(id, prefix)
	})
}
