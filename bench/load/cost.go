package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"time"
)

// cost is the work and the resources of a run.
type cost struct {
	echoes float64
	cpu    time.Duration
	memory float64 // peak resident memory, in KiB
}

func median(costs []cost, of func(cost) float64) float64 {
	var all []float64
	for _, c := range costs {
		all = append(all, of(c))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// costOf returns the cost of a program that has ended.
func costOf(ended *exec.Cmd, echoes float64) cost {
	state := ended.ProcessState
	return cost{echoes, state.UserTime() + state.SystemTime(), peakMemory(state)}
}

func runWsx(wsx string, args []string) (cost, error) {
	bench := exec.Command(wsx, append(args, "--json")...)
	out, err := bench.Output()
	if err != nil {
		return cost{}, fmt.Errorf("wsx bench: %w", err)
	}
	var report struct{ Received float64 }
	if err := json.Unmarshal(out, &report); err != nil {
		return cost{}, err
	}
	return costOf(bench, report.Received), nil
}
