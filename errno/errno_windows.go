package errno

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// What the system returns when an address cannot be used or a connection fails.
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

// Which of them is returned depends on which end of the pipe is closed, how far, and on whether it has a name.
var closedPipes = []syscall.Errno{windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA, windows.ERROR_PIPE_NOT_CONNECTED}
