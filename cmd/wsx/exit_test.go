package main

import (
	"testing"

	"wsx/repl"
)

// TestExitCodeOfRemoteProgram: a system keeps the lowest eight bits of an exit code, which of a failure may be 0.
func TestExitCodeOfRemoteProgram(t *testing.T) {
	for status, want := range map[int]int{1: 1, 3: 3, 137: 137, 255: 255, 256: 255, 300: 255, 1 << 30: 255, -1: 255} {
		if got := exitCode(&repl.StatusError{Code: status}); got != want {
			t.Errorf("%d: %d, want %d", status, got, want)
		}
	}
}
