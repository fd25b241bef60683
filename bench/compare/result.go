package main

import "time"

// result has the measurements of a contender in a scenario.
type result struct {
	contender string
	samples   []sample // one for each round
	failed    error    // why there are no further samples
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

// roundTo3 rounds a duration to three digits.
func roundTo3(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
