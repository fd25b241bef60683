package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// result has the verdicts of both tools about one server.
type result struct {
	name, version string
	checks        []finding
	seconds       float64 // of wsx check
	cases         []caseVerdict
}

// comparison has the verdicts of both tools about one case.
type comparison struct {
	caseVerdict
	suite, check outcome
	finding      finding
	lenient      bool // the verdict of the suite is NON-STRICT, because a message before the violation was not echoed: no check requires that
}

func (c comparison) differs() bool {
	return c.suite != c.check && c.suite != noOutcome && c.check != noOutcome
}

// compare pairs each case with its checks.
func (r result) compare() []comparison {
	var all []comparison
	for _, v := range r.cases {
		i := slices.IndexFunc(mappings(), func(m mapping) bool { return slices.Contains(m.cases, v.Case) })
		if i < 0 {
			continue
		}
		checks := mappings()[i].checks
		c := comparison{caseVerdict: v, suite: v.outcome()}
		c.check, c.finding = outcomeOf(checks, r.checks)
		if c.suite == notStrict && !slices.ContainsFunc(checks, isFailFast) {
			c.suite, c.lenient = right, true
		}
		all = append(all, c)
	}
	return all
}

func (r result) differences() []comparison {
	return slices.DeleteFunc(r.compare(), func(c comparison) bool { return !c.differs() })
}

// mustFail is the verdict of a check that fails and whose severity is must.
const mustFail = "must fail"

// counts returns how many checks have each verdict.
func (r result) counts() map[string]int {
	n := map[string]int{}
	for _, f := range r.checks {
		if f.Verdict == "fail" && f.Severity == "must" {
			n[mustFail]++
		} else {
			n[f.Verdict]++
		}
	}
	return n
}

// columns of the table.
var columns = []string{"server", "version", "pass", "must fails", "other fails", "warn", "seconds", "cases", "both right", "right, not strict in the suite", "both wrong", "both not strict", "no verdict", "differ"}

func (r result) row() []string {
	n := map[outcome]int{}
	differ, lenient := 0, 0
	all := r.compare()
	for _, c := range all {
		switch {
		case c.differs():
			differ++
		case c.suite == noOutcome || c.check == noOutcome:
			n[noOutcome]++
		case c.lenient:
			lenient++
		default:
			n[c.suite]++
		}
	}
	row := []string{r.name, cmp.Or(r.version, "this one")}
	checks := r.counts()
	for _, verdict := range []string{"pass", mustFail, "fail", "warn"} {
		row = append(row, fmt.Sprint(checks[verdict]))
	}
	row = append(row, fmt.Sprintf("%.1f", r.seconds))
	for _, number := range []int{len(all), n[right], lenient, n[wrong], n[notStrict], n[noOutcome], differ} {
		row = append(row, fmt.Sprint(number))
	}
	return row
}

// printResults prints a row for each server, and each difference.
func printResults(w io.Writer, results []result, o options) {
	if o.markdown {
		printMarkdown(w, results)
	} else {
		printTable(w, results)
	}
	for _, r := range results {
		for _, c := range r.compare() {
			if c.differs() || o.verbose {
				fmt.Fprintf(w, "%s %s: Autobahn %s (%s, %s %s); wsx check %s (%s: %s, %s)\n", r.name, c.Case,
					c.suite, c.Behavior, c.BehaviorClose, c.Result, c.check, c.finding.ID, c.finding.Verdict, c.finding.Received)
			}
		}
	}
}

func printTable(w io.Writer, results []result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprint(t, cell, "\t")
		}
		fmt.Fprintln(t)
	}
	line(columns)
	for _, r := range results {
		line(r.row())
	}
	t.Flush()
}

func printMarkdown(w io.Writer, results []result) {
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprint(w, "| ", cell, " ")
		}
		fmt.Fprintln(w, "|")
	}
	line(columns)
	line(slices.Repeat([]string{"---"}, len(columns)))
	for _, r := range results {
		line(r.row())
	}
}

type options struct {
	servers  string // names, separated by commas; "" = all
	markdown bool
	verbose  bool
}
