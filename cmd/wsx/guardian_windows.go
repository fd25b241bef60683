package main

import "os"

// guardianSign is what makes a guardian of the program elsewhere.
const guardianSign = "WSX_GUARDIAN"

// startGuardian does nothing: the console of Windows has no state that outlives us but its modes, which its next program sets.
func startGuardian(surroundings, *os.File) (farewell func()) { return func() {} }

func beGuardian(surroundings) int { return exitUsage }
