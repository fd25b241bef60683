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
	for _, stream := range []uint32{windows.STD_OUTPUT_HANDLE, windows.STD_ERROR_HANDLE} {
		if before, err := windows.GetStdHandle(stream); err == nil {
			windows.CloseHandle(before)
		}
		windows.SetStdHandle(stream, windows.Handle(null.Fd()))
	}
	windows.NewLazySystemDLL("kernel32.dll").NewProc("FreeConsole").Call()
}
