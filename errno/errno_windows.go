package errno

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// The errors of the system for unusable addresses and failed connections.
const (
	Refused            = windows.WSAECONNREFUSED
	Reset              = windows.WSAECONNRESET
	Aborted            = windows.WSAECONNABORTED
	TimedOut           = windows.WSAETIMEDOUT
	HostUnreachable    = windows.WSAEHOSTUNREACH
	NetworkUnreachable = windows.WSAENETUNREACH
	NoAddress          = windows.WSAEADDRNOTAVAIL
	AddressInUse       = windows.WSAEADDRINUSE
)

// The error depends on which end of the pipe is closed, on whether it is still closing, and on whether the pipe has a name.
var closedPipes = []syscall.Errno{windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA, windows.ERROR_PIPE_NOT_CONNECTED}
