//go:build !windows

package dial

import "syscall"

// The system's errors of a connection that cannot be made.
const (
	errnoRefused     = syscall.ECONNREFUSED
	errnoReset       = syscall.ECONNRESET
	errnoAborted     = syscall.ECONNABORTED
	errnoPipe        = syscall.EPIPE
	errnoTimedOut    = syscall.ETIMEDOUT
	errnoUnreachable = syscall.EHOSTUNREACH
	errnoNoNetwork   = syscall.ENETUNREACH
	errnoNoAddress   = syscall.EADDRNOTAVAIL
)
