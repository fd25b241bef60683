// Package errno names the errors of the operating system that this program tells apart. The constants of package syscall
// that have these names are invented on Windows, where the system never returns them.
package errno

import (
	"errors"
	"syscall"
)

// IsReset reports whether err says that a connection was reset or aborted.
func IsReset(err error) bool { return isOneOf(err, Reset, Aborted) }

// IsClosedPipe reports whether err says that no process reads what was written to a pipe or a socket.
func IsClosedPipe(err error) bool { return isOneOf(err, closedPipes...) }

// Cause returns the innermost error of err, without the names of operations and addresses that package net puts before it. That
// an address is in use it says in the same words on every system.
func Cause(err error) error {
	if errors.Is(err, AddressInUse) {
		return addressInUse{}
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

type addressInUse struct{}

func (addressInUse) Error() string { return "address already in use by another program" }

func (addressInUse) Unwrap() error { return AddressInUse }

func isOneOf(err error, numbers ...syscall.Errno) bool {
	for _, number := range numbers {
		if errors.Is(err, number) {
			return true
		}
	}
	return false
}
