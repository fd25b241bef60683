//go:build !linux

package main

import "os"

// usageOf knows the time only: systems count memory in units of their own.
func usageOf(state *os.ProcessState) usage {
	return usage{cpu: state.UserTime() + state.SystemTime()}
}
