//go:build !linux

package main

import "os"

// usageOf returns only the time: systems differ in the unit of memory.
func usageOf(state *os.ProcessState) usage {
	return usage{cpu: state.UserTime() + state.SystemTime()}
}
