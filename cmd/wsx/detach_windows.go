package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// detachFromTerminal frees the console and redirects the standard streams, so that the process survives the end of the console.
func detachFromTerminal() {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = null, null
	stdout.Close()
	stderr.Close()
	windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(null.Fd()))
	windows.SetStdHandle(windows.STD_ERROR_HANDLE, windows.Handle(null.Fd()))
	windows.NewLazySystemDLL("kernel32.dll").NewProc("FreeConsole").Call()
}
