package main

import "os"

// watchGone does nothing: on Windows the next write tells that nobody reads a pipe any more.
func watchGone(*os.File, func()) (stop func()) { return func() {} }
