package load

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"wsx/load/report"
)

const (
	minStepTime      = 5 * time.Second // minimum duration of a step of a search
	minStepSamples   = 1000            // minimum number of its samples
	endRatio         = 1.05            // a search ends at this ratio of the lowest value that misses the objectives to the highest that keeps them
	minArrived       = .97             // minimum share of the rate that must arrive
	maxConfirmations = 4               // how often a search steps back if its result misses the objectives when measured again
)

// Search describes a search.
type Search struct {
	Objectives []report.Objective
	Start      float64 // the first rate, or number of connections
	Highest    float64 // highest value that this machine allows; 0 = no bound
	Whole      bool    // only whole numbers
	Measure    func(ctx context.Context, value float64, duration time.Duration) (*report.Report, error)
	Step       func(n int, value float64) // called before each measurement; nil = it is not called
}

// Find returns the report of the highest value that keeps the objectives: it doubles the value until they are missed, then
// bisects until the bounds differ by 5 %, and measures the result once more. Report.Search has all steps. If no value keeps the
// objectives, Report.Found is 0, and the report is that of the last step. A search takes about 12 to 20 steps, and 50 at most.
func Find(ctx context.Context, s Search) (*report.Report, error) {
	f := &finder{Search: s, low: 0, high: math.Inf(1)}
	f.Highest = cmp.Or(f.Highest, MaxRate)
	for _, phase := range []func(context.Context) error{f.double, f.bisect, f.confirm} {
		if err := phase(ctx); err != nil {
			return nil, err
		}
		if f.stopped {
			break
		}
	}
	rep := f.kept
	if rep == nil {
		rep = f.last
	}
	rep.Search, rep.Found = f.steps, f.low
	rep.Interrupted = ctx.Err() != nil
	return rep, nil
}

type finder struct {
	Search
	low, high float64 // the highest value that kept the objectives, and the lowest that did not
	kept      *report.Report
	last      *report.Report
	steps     []report.Step
	stopped   bool
}

// double doubles the value until the objectives are missed.
func (f *finder) double(ctx context.Context) error {
	value := min(f.Start, f.Highest)
	for f.low == 0 || math.IsInf(f.high, 1) {
		keeps, err := f.measure(ctx, value)
		switch {
		case err != nil || f.stopped:
			return err
		case keeps && value >= f.Highest:
			f.high = value
			return nil
		case keeps:
			value = min(2*value, f.Highest)
		default:
			value = f.round(value / 2)
			if value < 1 || f.low > 0 {
				f.stopped = f.low == 0
				return nil
			}
		}
	}
	return nil
}

// bisect halves the interval between low and high until their ratio is endRatio.
func (f *finder) bisect(ctx context.Context) error {
	for f.high > f.low*endRatio {
		middle := f.round((f.low + f.high) / 2)
		if middle <= f.low || middle >= f.high {
			return nil
		}
		if _, err := f.measure(ctx, middle); err != nil || f.stopped {
			return err
		}
	}
	return nil
}

// confirm measures the result once more, and steps back if the objectives are missed this time.
func (f *finder) confirm(ctx context.Context) error {
	stepBack := (endRatio - 1) / 2
	for range maxConfirmations {
		value := f.low
		keeps, err := f.measure(ctx, value)
		if err != nil || f.stopped || keeps {
			return err
		}
		stepBack *= 2 // a busy machine needs more than a small step
		f.low, f.kept = f.round(value*(1-stepBack)), nil
		if f.low < 1 {
			f.low = 0
			return nil
		}
	}
	f.low = 0 // no value was kept twice
	return nil
}

// OpenOften repeats a run that opens a number of connections until there are enough samples of the handshake, the last time for
// the whole duration, and returns the merged report.
func OpenOften(ctx context.Context, connections int, duration time.Duration, run func(context.Context, time.Duration) (*report.Report, error)) (*report.Report, error) {
	var all []*report.Report
	for samples := connections; ; samples += connections {
		holdTime := time.Millisecond
		if samples >= minStepSamples {
			holdTime = duration
		}
		rep, err := run(ctx, holdTime)
		if err != nil {
			return nil, err
		}
		all = append(all, rep)
		if samples >= minStepSamples || ctx.Err() != nil {
			sum, err := report.Merge(all)
			if err == nil {
				sum.Connections, sum.Opened, sum.Lost, sum.Rate = rep.Connections, rep.Opened, rep.Lost, rep.Rate
			}
			return sum, err
		}
	}
}

func (f *finder) round(value float64) float64 {
	if f.Whole || value >= 100 {
		return math.Round(value)
	}
	return value
}

// measure runs one step with a value, and reports whether the objectives were kept.
func (f *finder) measure(ctx context.Context, value float64) (bool, error) {
	if f.Step != nil {
		f.Step(len(f.steps)+1, value)
	}
	duration := minStepTime
	if !f.Whole {
		duration = max(minStepTime, time.Duration(minStepSamples/value*float64(time.Second)))
	}
	rep, err := f.Measure(ctx, value, duration)
	if err != nil {
		f.stopped = true
		if f.last != nil {
			return false, nil // a server that no longer answers misses all objectives
		}
		return false, err
	}
	f.last = rep
	if ctx.Err() != nil {
		f.stopped = true
		return false, nil
	}
	step := report.Step{Value: value, Rate: rep.Rate, P99: rep.Latency.P99, Why: f.missedBecause(rep, value)}
	step.Kept = step.Why == ""
	f.steps = append(f.steps, step)
	if step.Kept {
		f.low, f.kept = value, rep
	} else {
		f.high = min(f.high, value)
	}
	return step.Kept, nil
}

// missedBecause returns why a step misses the objectives; "" = it keeps them.
func (f *finder) missedBecause(rep *report.Report, value float64) string {
	if err := report.Check(rep, f.Objectives); err != nil {
		why := err.Error()
		if rep.ClientLimit() {
			why += " (the client is the limit)"
		} else if rep.LateClient() {
			why += " (much of the latency is due to this machine)"
		}
		return why
	}
	if !f.Whole && rep.Rate < minArrived*value {
		return fmt.Sprintf("only %.0f/s were answered", rep.Rate)
	}
	return ""
}
