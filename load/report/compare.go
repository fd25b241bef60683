package report

import (
	"fmt"
	"io"
	"math"
)

// Compare returns how much slower or faster a run was than an old one. Its samples are the intervals of both runs, of half a
// second each, which depend on each other much less than messages do. The ratio is that of the geometric means over the
// intervals, and its confidence interval that of Welch's t-test on their logarithms.
func Compare(old, now *Report) []Change {
	return []Change{
		Change{Name: "p50", Old: old.Latency.P50, New: now.Latency.P50}.withRatio(old, now, func(i Interval) float64 { return i.P50 }),
		Change{Name: "p99", Old: old.Latency.P99, New: now.Latency.P99}.withRatio(old, now, func(i Interval) float64 { return i.P99 }),
		Change{Name: "rate", Old: old.Rate, New: now.Rate, Rate: true}.withRatio(old, now, func(i Interval) float64 { return i.Rate }),
	}
}

// withRatio returns the change with its ratio in the intervals of two reports.
func (c Change) withRatio(old, now *Report, metric func(Interval) float64) Change {
	a, b := logarithms(old.Intervals, metric), logarithms(now.Intervals, metric)
	if len(a) < 3 || len(b) < 3 {
		return c
	}
	meanA, errorA := meanAndError(a)
	meanB, errorB := meanAndError(b)
	difference := meanB - meanA
	freedom := math.Inf(1)
	if errorA+errorB > 0 {
		freedom = (errorA + errorB) * (errorA + errorB) / (errorA*errorA/float64(len(a)-1) + errorB*errorB/float64(len(b)-1))
	}
	margin := studentT(freedom) * math.Sqrt(errorA+errorB)
	c.Ratio, c.Low, c.High = math.Exp(difference), math.Exp(difference-margin), math.Exp(difference+margin)
	return c
}

func logarithms(intervals []Interval, metric func(Interval) float64) []float64 {
	var all []float64
	for _, i := range intervals {
		if value := metric(i); value > 0 {
			all = append(all, math.Log(value))
		}
	}
	return all
}

// meanAndError returns the mean and the square of its standard error.
func meanAndError(samples []float64) (mean, squaredError float64) {
	n := float64(len(samples))
	for _, s := range samples {
		mean += s / n
	}
	for _, s := range samples {
		squaredError += (s - mean) * (s - mean)
	}
	return mean, squaredError / (n - 1) / n
}

// studentT returns the quantile of Student's t distribution for a two-sided confidence of 95 %, by the Cornish-Fisher
// expansion: it is accurate to 1 % from 3 degrees of freedom on.
func studentT(freedom float64) float64 {
	const z = 1.959964
	if math.IsInf(freedom, 1) {
		return z
	}
	z3, z5, z7 := math.Pow(z, 3), math.Pow(z, 5), math.Pow(z, 7)
	return z + (z3+z)/(4*freedom) + (5*z5+16*z3+3*z)/(96*math.Pow(freedom, 2)) + (3*z7+19*z5+17*z3-15*z)/(384*math.Pow(freedom, 3))
}

// Verdict returns the conclusion that the confidence interval allows, as text.
func (c Change) Verdict() string {
	switch {
	case c.Low == 0:
		return "too short to compare"
	case c.Low <= 1 && c.High >= 1:
		return "no difference beyond noise"
	case c.Rate == (c.Ratio > 1):
		return "better"
	}
	return "worse"
}

// WriteComparison writes changes as text, one line each.
func WriteComparison(w io.Writer, changes []Change) error {
	for _, c := range changes {
		show := formatTime
		if c.Rate {
			show = func(n float64) string { return formatRate(n) + "/s" }
		}
		line := fmt.Sprintf("%-12s %s -> %s", "changed "+c.Name, show(c.Old), show(c.New))
		if c.Low > 0 {
			line += fmt.Sprintf(", %+.1f %% (95 %%: %+.1f to %+.1f %%)", percent(c.Ratio), percent(c.Low), percent(c.High))
		}
		if _, err := fmt.Fprintf(w, "%s: %s\n", line, c.Verdict()); err != nil {
			return err
		}
	}
	return nil
}

func percent(ratio float64) float64 { return 100 * (ratio - 1) }
