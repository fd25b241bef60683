package main

import (
	"fmt"
	"runtime"
	"strings"
)

// ttyGuardVariable is set in the environment of a guard process: the program itself, started a second time.
const ttyGuardVariable = "WSX_GUARDIAN"

// guard returns a function that a goroutine defers. After a panic it restores the terminal, prints one line with the panic and
// its location instead of a stack trace, and ends the program.
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

// panicLocation returns the innermost file and line of this module on the stack of the panic.
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
