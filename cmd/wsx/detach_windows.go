package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// leaveTerminal leaves the console and its streams: from now on the process lives on when they end.
func leaveTerminal() {
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
