package main

import (
	"os"
	"syscall"
)

// usageOf returns the kernel's record of an ended process. Linux counts memory in KiB.
func usageOf(state *os.ProcessState) usage {
	u := usage{cpu: state.UserTime() + state.SystemTime()}
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		u.rss = r.Maxrss << 10
	}
	return u
}
