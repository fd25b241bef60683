//go:build !windows

package errno

import "syscall"

// The errors of the system for unusable addresses and failed connections.
const (
	Refused            = syscall.ECONNREFUSED
	Reset              = syscall.ECONNRESET
	Aborted            = syscall.ECONNABORTED
	TimedOut           = syscall.ETIMEDOUT
	HostUnreachable    = syscall.EHOSTUNREACH
	NetworkUnreachable = syscall.ENETUNREACH
	NoAddress          = syscall.EADDRNOTAVAIL
	AddressInUse       = syscall.EADDRINUSE
)

var closedPipes = []syscall.Errno{syscall.EPIPE}
