package server

import (
	"errors"
	"fmt"

	"wsx/errno"
)

// Kind is the kind of an Error.
type Kind int

// The kinds of Error.
const (
	Usage       Kind = iota // an invalid option
	Address                 // the address cannot be bound
	Certificate             // the certificate or its key cannot be used
	File                    // a file cannot be written
)

// Error is the error of Listen.
type Error struct {
	Kind Kind
	err  error
}

// Error returns one line.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the cause, such as a syscall.Errno.
func (e *Error) Unwrap() error { return e.err }

func usageError(line string) error { return &Error{Usage, errors.New(line)} }

func certificateError(format string, args ...any) error {
	return &Error{Certificate, fmt.Errorf(format, args...)}
}

func listenError(addr string, err error) error {
	return &Error{Address, fmt.Errorf("listen on %s: %w", addr, errno.Cause(err))}
}
