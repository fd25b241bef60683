//go:build !windows

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the most that a process had resident, in KiB, which Linux counts in.
func peakMemory(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin":
		return float64(usage.Maxrss) / 1024
	}
	return float64(usage.Maxrss)
}
