package main

import (
	"errors"
	"testing"
)

func resultOf(name string, rates ...float64) result {
	r := result{contender: name}
	for _, rate := range rates {
		r.samples = append(r.samples, sample{rate: rate, rss: 20_000_000})
	}
	return r
}

func TestTargets(t *testing.T) {
	rate := scenario{kind: send, targets: targets{ofLimit: 0.5, ofPlain: 10}}
	latency := scenario{kind: roundTrip, targets: targets{ofPlain: 1.1}}
	for _, c := range []struct {
		s       scenario
		results []result
		want    []bool // plain, limit, memory: those that the scenario has
	}{
		{rate, []result{resultOf("limit", 100), resultOf("wsx", 60), resultOf("plain", 5)}, []bool{true, true, true}},
		{rate, []result{resultOf("limit", 100), resultOf("wsx", 50), resultOf("plain", 5)}, []bool{true, true, true}},
		{rate, []result{resultOf("limit", 100), resultOf("wsx", 49), resultOf("plain", 5)}, []bool{false, false, true}},
		{rate, []result{resultOf("wsx", 49)}, []bool{false, false, true}},
		{latency, []result{resultOf("wsx", 100), resultOf("plain", 90)}, []bool{true, true}},
		{latency, []result{resultOf("wsx", 90), resultOf("plain", 100)}, []bool{false, true}},
		{latency, []result{{contender: "wsx", failed: errors.New("no")}, resultOf("plain", 100)}, []bool{false, false}},
		{rate, []result{resultOf("limit", 100), resultOf("plain", 5)}, nil},
	} {
		got := targetsOf(c.s, c.results)
		if len(got) != len(c.want) {
			t.Fatalf("%+v: %d targets, want %d", c.results, len(got), len(c.want))
		}
		for i, target := range got {
			if target.reached != c.want[i] {
				t.Errorf("%+v: %+v, want reached %v", c.results, target, c.want[i])
			}
		}
	}
}

func TestMemoryTarget(t *testing.T) {
	wsx := resultOf("wsx", 1, 1)
	wsx.samples[1].rss = maxRSS + 1
	if got := memoryTarget(scenario{}, wsx); got.reached {
		t.Errorf("%+v was reached", got)
	}
}

// TestRatioIsRoundByRound: a machine that becomes slow in the middle does not change the ratio.
func TestRatioIsRoundByRound(t *testing.T) {
	a, b := resultOf("a", 200, 20, 2), resultOf("b", 100, 10, 1)
	if q, known := ratio(scenario{kind: send}, a, b); !known || q != 2 {
		t.Errorf("got %v %v, want 2", q, known)
	}
	if q, known := ratio(scenario{kind: startUp}, a, b); !known || q != 0.5 {
		t.Errorf("of latencies got %v %v, want 0.5", q, known)
	}
	if _, known := ratio(scenario{}, a, result{}); known {
		t.Error("a ratio to nothing is known")
	}
}
