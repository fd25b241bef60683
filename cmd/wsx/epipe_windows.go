package main

import "os"

// watchOutput does nothing: on Windows the next write fails when a pipe has no reader any more.
func watchOutput(*os.File, func()) (stop func()) { return func() {} }
