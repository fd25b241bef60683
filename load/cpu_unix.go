//go:build !windows

package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU returns the processor time used so far.
func processCPU() cpuTime {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return cpuTime{}
	}
	return cpuTime{time.Duration(usage.Utime.Nano()), time.Duration(usage.Stime.Nano())}
}
