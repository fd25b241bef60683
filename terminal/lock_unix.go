//go:build unix

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile waits until nobody else has the file locked. Where a file cannot be locked, as on some network drives, it
// goes without: a single write at the end is whole anyway.
func lockFile(file *os.File) (unlock func()) {
	fd := int(file.Fd())
	for unix.Flock(fd, unix.LOCK_EX) == unix.EINTR {
	}
	return func() { unix.Flock(fd, unix.LOCK_UN) }
}
