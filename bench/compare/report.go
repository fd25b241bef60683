package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printScenario prints a row for each contender.
func printScenario(w io.Writer, s scenario, results []result) {
	fmt.Fprintf(w, "\n%s (%s)\n", s.name, s.loadText())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tmedian\tslowest\tfastest\tof limit\t× plain\tCPU\tRSS\t\n")
	for _, r := range results {
		if r.failed != nil {
			continue
		}
		rates, cpu, rss := columnsOf(r.samples)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%v\t%.1f MB\t\n", r.contender,
			s.rateText(median(rates)), s.rateText(rates[0]), s.rateText(rates[len(rates)-1]),
			ratioText(s, r, results, "limit"), ratioText(s, r, results, "plain"), cpu, float64(rss)/1e6)
	}
	t.Flush()
	for _, r := range results {
		if r.failed != nil {
			fmt.Fprintf(w, "  %s: %v\n", r.contender, r.failed)
		}
	}
}

func (s scenario) loadText() string {
	switch s.kind {
	case roundTrip:
		return fmt.Sprintf("median of %d in a session", s.messages)
	case startUp:
		return fmt.Sprintf("median of %d", s.messages)
	default:
		return fmt.Sprintf("%d messages", s.messages)
	}
}

// rateText returns a rate in a readable unit.
func (s scenario) rateText(rate float64) string {
	switch {
	case s.kind == roundTrip:
		return fmt.Sprintf("%.1f µs", 1e6/rate)
	case s.kind == startUp:
		return fmt.Sprintf("%.2f ms", 1e3/rate)
	case s.binary:
		return fmt.Sprintf("%.0f MiB/s", rate/(1<<20))
	default:
		return fmt.Sprintf("%.2f M/s", rate/float64(s.size)/1e6)
	}
}

func ratioText(s scenario, r result, results []result, name string) string {
	for _, other := range results {
		if q, known := ratio(s, r, other); known && other.contender == name {
			return fmt.Sprintf("%.2f", q)
		}
	}
	return "–"
}
