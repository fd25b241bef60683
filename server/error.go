package server

import (
	"errors"
	"fmt"

	"wsx/errno"
)

// Kind is why a server could not start.
type Kind int

// The kinds of Error.
const (
	Usage       Kind = iota // an option that makes no sense
	Address                 // the address cannot be listened on
	Certificate             // the certificate or its key cannot be used
	File                    // a file cannot be written
)

// Error is why Listen has failed, in one line.
type Error struct {
	Kind Kind
	err  error
}

// Error is the line.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap gives the cause, such as a syscall.Errno.
func (e *Error) Unwrap() error { return e.err }

func usageError(line string) error { return &Error{Usage, errors.New(line)} }

func certificateError(format string, args ...any) error {
	return &Error{Certificate, fmt.Errorf(format, args...)}
}

func listenError(addr string, err error) error {
	return &Error{Address, fmt.Errorf("listen on %s: %w", addr, errno.Cause(err))}
}
