package main

import "os"

// startTTYGuard does nothing: the only state of a Windows console that outlives a program is its modes, and the shell sets
// those again.
func startTTYGuard(environment, *os.File) (release func()) { return func() {} }

func runTTYGuard(environment) int { return exitUsage }
