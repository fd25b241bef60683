package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
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

func columnsOf(samples []sample) (rates []float64, cpu time.Duration, rss int64) {
	var cpus []time.Duration
	for _, s := range samples {
		rates = append(rates, s.rate)
		cpus = append(cpus, s.cpu)
		rss = max(rss, s.rss)
	}
	return rates, roundTo3(median(cpus)), rss
}

// roundTo3 rounds a duration to three digits.
func roundTo3(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
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

// ratio returns the median of a contender's ratios to another, round by round: of rates, or of latencies.
func ratio(s scenario, r, other result) (float64, bool) {
	var all []float64
	for i := range min(len(r.samples), len(other.samples)) {
		q := r.samples[i].rate / other.samples[i].rate
		if s.isLatency() {
			q = 1 / q
		}
		all = append(all, q)
	}
	if len(all) == 0 || r.failed != nil || other.failed != nil {
		return 0, false
	}
	return median(all), true
}

func ratioText(s scenario, r result, results []result, name string) string {
	for _, other := range results {
		if q, known := ratio(s, r, other); known && other.contender == name {
			return fmt.Sprintf("%.2f", q)
		}
	}
	return "–"
}
