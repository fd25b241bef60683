//go:build !windows

package dial

import "syscall"

// What the system says when it cannot connect.
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
