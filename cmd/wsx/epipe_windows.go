package main

import "os"

// watchReader does nothing: on Windows the next write tells that nobody reads a pipe any more.
func watchReader(*os.File, func()) (stop func()) { return func() {} }
