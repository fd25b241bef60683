package main

import (
	"strings"
	"testing"
)

func TestOutcome(t *testing.T) {
	for _, row := range []struct {
		behavior, behaviorClose string
		want                    outcome
	}{
		{"OK", "OK", right},
		{"OK", "UNCLEAN", right},
		{"OK", "WRONG CODE", wrong},
		{"FAILED", "OK", wrong},
		{"NON-STRICT", "OK", notStrict},
		{"INFORMATIONAL", "OK", noOutcome},
		{"UNIMPLEMENTED", "FAILED", noOutcome},
	} {
		if got := (caseVerdict{Behavior: row.behavior, BehaviorClose: row.behaviorClose}).outcome(); got != row.want {
			t.Errorf("%s %s is %s, want %s", row.behavior, row.behaviorClose, got, row.want)
		}
	}
}

func TestOutcomeOf(t *testing.T) {
	findings := []finding{
		{ID: "a/pass", Verdict: "pass"}, {ID: "a/warn", Verdict: "warn"}, {ID: "a/skip", Verdict: "skip"},
		{ID: "b/fail", Verdict: "fail"}, {ID: "b/pass-fail-fast", Verdict: "fail"},
	}
	for want, ids := range map[outcome][]string{
		right:     {"a/*"},
		noOutcome: {"a/skip", "c/*"},
		wrong:     {"a/pass", "b/*"},
		notStrict: {"a/pass", "b/pass-fail-fast"},
	} {
		if got, _ := outcomeOf(ids, findings); got != want {
			t.Errorf("%v is %s, want %s", ids, got, want)
		}
	}
}

// TestMappings: each case is mapped once.
func TestMappings(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mappings() {
		for _, name := range m.cases {
			if seen[name] || len(m.checks) == 0 {
				t.Errorf("case %s is mapped to %v and to others", name, m.checks)
			}
			seen[name] = true
		}
	}
}

func TestTable(t *testing.T) {
	r := result{
		name: "x", version: "1.2",
		checks: []finding{{ID: "frame.length/text-0", Verdict: "pass"}, {ID: "frame.length/text-125", Verdict: "pass", Received: "pong"}},
		cases:  []caseVerdict{{Case: "1.1.1", Behavior: "OK"}, {Case: "1.1.2", Behavior: "FAILED", BehaviorClose: "OK", Result: "no echo"}, {Case: "99.1"}},
	}
	var out strings.Builder
	printResults(&out, []result{r}, options{markdown: true})
	want := "| x | 1.2 | 2 | 0 | 0 | 0 | 0.0 | 2 | 1 | 0 | 0 | 0 | 0 | 1 |\n" +
		"x 1.1.2: Autobahn wrong (FAILED, OK no echo); wsx check right (frame.length/text-125: pass, pong)\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %swant %s", out.String(), want)
	}
}
