//go:build !windows

package errno

import "syscall"

// What the system returns when an address cannot be used or a connection fails.
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
