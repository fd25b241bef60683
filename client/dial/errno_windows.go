package dial

import "golang.org/x/sys/windows"

// What the system says when it cannot connect. The names in syscall are invented there and never come.
const (
	errnoRefused     = windows.WSAECONNREFUSED
	errnoReset       = windows.WSAECONNRESET
	errnoAborted     = windows.WSAECONNABORTED
	errnoPipe        = windows.ERROR_BROKEN_PIPE
	errnoTimedOut    = windows.WSAETIMEDOUT
	errnoUnreachable = windows.WSAEHOSTUNREACH
	errnoNoNetwork   = windows.WSAENETUNREACH
	errnoNoAddress   = windows.WSAEADDRNOTAVAIL
)
