package main

import "os"

// ttyGuardVariable is what makes the program a guard process on Unix.
const ttyGuardVariable = "WSX_GUARDIAN"

// startTTYGuard does nothing: the console of Windows has no state that outlives us but its modes, which its next program sets.
func startTTYGuard(environment, *os.File) (release func()) { return func() {} }

func runTTYGuard(environment) int { return exitUsage }
