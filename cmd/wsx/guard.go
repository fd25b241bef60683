package main

import (
	"fmt"
	"runtime"
	"strings"
)

// guard returns what a goroutine defers so that a fault of ours does not leave the terminal in raw mode, nor a stack trace
// on it: one line names the fault and its place, and the program ends.
func (s environment) guard(restore func()) func() {
	return func() {
		fault := recover()
		if fault == nil {
			return
		}
		restore()
		fmt.Fprintf(s.stderr, "wsx: internal error at %s: %v\nhint: this is a bug in wsx: please report it, with the steps that led to it\n", panicLocation(), fault)
		s.exit(exitFailed)
	}
}

// panicLocation is the file and line of ours that panicked, or that called what did.
func panicLocation() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(4, callers)])
	for {
		frame, more := frames.Next()
		if name := frame.Function; strings.HasPrefix(name, "wsx/") || strings.HasPrefix(name, "main.") {
			file := frame.File[strings.LastIndexByte(frame.File, '/')+1:]
			return fmt.Sprintf("%s:%d", file, frame.Line)
		}
		if !more {
			return "an unknown location"
		}
	}
}
