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

// Which of them comes depends on whether the reader has closed its end or is about to.
var closedPipes = []syscall.Errno{windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA}
