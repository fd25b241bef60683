package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// target is a target of wsx with the measured value.
type target struct {
	scenario string
	wanted   string
	got      string
	reached  bool
}

// targetsOf compares the results of wsx with its targets.
func targetsOf(s scenario, results []result) []target {
	byName := map[string]result{}
	for _, r := range results {
		byName[r.contender] = r
	}
	wsx, present := byName["wsx"]
	if !present {
		return nil
	}
	var all []target
	for _, t := range []struct {
		than string
		want float64
	}{{"plain", s.targets.ofPlain}, {"loaded", s.targets.ofLoaded}, {"limit", s.targets.ofLimit}} {
		if t.want != 0 {
			all = append(all, ratioTarget(s, wsx, byName[t.than], t.than, t.want))
		}
	}
	return append(all, memoryTarget(s, wsx))
}

func ratioTarget(s scenario, wsx, other result, than string, want float64) target {
	sign := "at least"
	if s.isLatency() {
		sign = "at most"
	}
	t := target{scenario: s.name, wanted: fmt.Sprintf("%s %g × %s", sign, want, than), got: "not measured"}
	if q, known := ratio(s, wsx, other); known {
		t.got = fmt.Sprintf("%.2f", q)
		t.reached = q >= want != s.isLatency() || q == want
	}
	return t
}

func memoryTarget(s scenario, wsx result) target {
	t := target{scenario: s.name, wanted: fmt.Sprintf("at most %d MB resident", maxRSS/1_000_000), got: "not measured"}
	if len(wsx.samples) > 0 && wsx.failed == nil {
		_, _, rss := columnsOf(wsx.samples)
		t.got = fmt.Sprintf("%.1f MB", float64(rss)/1e6)
		t.reached = rss <= maxRSS
	}
	return t
}

// printTargets prints the targets, the measured values, and pass or MISS.
func printTargets(w io.Writer, all []target) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w, "\nTargets of wsx")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, one := range all {
		mark := map[bool]string{true: "pass", false: "MISS"}[one.reached]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", mark, one.scenario, one.wanted, one.got)
	}
	t.Flush()
}
