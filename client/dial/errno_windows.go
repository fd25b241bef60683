package dial

import "golang.org/x/sys/windows"

// The system's errors of a connection that cannot be made. The names in syscall are invented there and never come.
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
