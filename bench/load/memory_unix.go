//go:build !windows

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory returns the peak resident memory of a process, in KiB. Linux counts in KiB, Darwin in bytes.
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
