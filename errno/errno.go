// Package errno names the errors of the operating system that this program distinguishes. On Windows, the constants of package
// syscall with these names are invented: the system never returns them.
package errno

import (
	"errors"
	"slices"
	"syscall"
)

// IsReset reports whether err means that a connection was reset or aborted.
func IsReset(err error) bool { return isOneOf(err, Reset, Aborted) }

// IsClosedPipe reports whether err means that no process reads from the other end of a pipe or socket.
func IsClosedPipe(err error) bool { return isOneOf(err, closedPipes...) }

// Cause returns the innermost error of err, without the operations and addresses that package net adds. For an address in use it
// returns the same text on every system.
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
	return slices.ContainsFunc(numbers, func(number syscall.Errno) bool { return errors.Is(err, number) })
}
