package load

import (
	"runtime"
	"time"

	"wsx/load/report"
)

// cpuTime is the processor time that this process has used.
type cpuTime struct{ user, system time.Duration }

func (t cpuTime) since(before cpuTime) cpuTime {
	return cpuTime{t.user - before.user, t.system - before.system}
}

// report returns the processor time used in a number of seconds, with its share of the time of all processors.
func (t cpuTime) report(seconds float64) report.CPU {
	c := report.CPU{User: t.user.Seconds(), System: t.system.Seconds()}
	if seconds > 0 {
		c.Share = (c.User + c.System) / seconds / float64(runtime.GOMAXPROCS(0))
	}
	return c
}
