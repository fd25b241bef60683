package repl

import (
	"errors"
	"io/fs"

	"wsx/errno"
)

// ErrOutputClosed is the error when the reader of standard output has closed it. As the cause of a cancelled context it ends a
// session without an error.
var ErrOutputClosed = errors.New("the reader of standard output has closed it")

// outputError distinguishes a reader that has closed the pipe from other errors, such as a full disk.
func outputError(err error) error {
	if errno.IsClosedPipe(err) {
		return ErrOutputClosed
	}
	if err != nil {
		return &OutputError{err}
	}
	return nil
}

// OutputError is the error when messages cannot be written.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "write standard output: " + withoutPath(e.Err).Error() }

func (e *OutputError) Unwrap() error { return e.Err }

// withoutPath returns the cause of an error of a file, for a sentence that names the file already.
func withoutPath(err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return file.Err
	}
	return err
}
