package report

import (
	"fmt"
	"math"
)

// Merge combines the reports of runs that loaded one server at the same time from several machines. Histograms add up exactly;
// of the times without a histogram (connecting), the longest are used.
func Merge(reports []*Report) (*Report, error) {
	sum := *reports[0]
	sum.Connections, sum.Opened, sum.Lost, sum.Seconds, sum.Sent, sum.Received = 0, 0, 0, 0, 0, 0
	sum.Rate, sum.Asked, sum.Bytes, sum.CPU = 0, 0, Bytes{}, CPU{}
	sum.Errors, sum.Connecting, sum.Intervals = map[string]uint64{}, map[string]Quantiles{}, nil
	sum.Reach, sum.Gaps, sum.Search, sum.Found, sum.Changes = nil, nil, nil, 0, nil
	latency, late := NewHistogram(), NewHistogram()
	for _, r := range reports {
		if r.Scenario != sum.Scenario || r.Model != sum.Model {
			return nil, fmt.Errorf("reports of different loads cannot be merged: %s in the %s model and %s in the %s model", sum.Scenario, sum.Model, r.Scenario, r.Model)
		}
		sum.Connections += r.Connections
		sum.Opened += r.Opened
		sum.Lost += r.Lost
		sum.Seconds = max(sum.Seconds, r.Seconds)
		sum.Interrupted = sum.Interrupted || r.Interrupted
		sum.Sent += r.Sent
		sum.Received += r.Received
		sum.Unanswered += r.Unanswered
		sum.Rate += r.Rate
		sum.Asked += r.Asked
		sum.Bytes.Out += r.Bytes.Out
		sum.Bytes.In += r.Bytes.In
		sum.CPU.User += r.CPU.User
		sum.CPU.System += r.CPU.System
		sum.CPU.Share = max(sum.CPU.Share, r.CPU.Share)
		sum.addReach(r.Reach)
		sum.addGaps(r.Gaps)
		for kind, n := range r.Errors {
			sum.Errors[kind] += n
		}
		for step, q := range r.Connecting {
			sum.Connecting[step] = longer(sum.Connecting[step], q)
		}
		latency.Add(r.latency)
		late.Add(r.late)
	}
	return &sum, sum.SetHistograms(latency, late)
}

func (r *Report) addReach(other *Reach) {
	if other == nil {
		return
	}
	if r.Reach == nil {
		r.Reach = &Reach{}
	}
	r.Reach.Expected += other.Expected
	r.Reach.Received += other.Received
	r.Reach.Repeated += other.Repeated
	if r.Reach.Expected > 0 {
		r.Reach.Share = float64(r.Reach.Received) / float64(r.Reach.Expected)
	}
}

func (r *Report) addGaps(other *Gaps) {
	if other == nil {
		return
	}
	if r.Gaps == nil {
		r.Gaps = &Gaps{}
	}
	r.Gaps.Pauses += other.Pauses
	r.Gaps.Missing += other.Missing
	r.Gaps.Over = math.Max(r.Gaps.Over, other.Over)
}

func longer(a, b Quantiles) Quantiles {
	return Quantiles{max(a.P50, b.P50), max(a.P90, b.P90), max(a.P99, b.P99), max(a.P999, b.P999), max(a.Max, b.Max)}
}
