package load

import (
	"time"

	"golang.org/x/sys/windows"
)

// processCPU returns the processor time used so far.
func processCPU() cpuTime {
	var created, exited, kernel, user windows.Filetime
	if windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user) != nil {
		return cpuTime{}
	}
	return cpuTime{durationOf(user), durationOf(kernel)}
}

// durationOf converts a time in units of 100 ns.
func durationOf(t windows.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
