//go:build unix

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile waits until no other process has the file locked. Where a file cannot be locked, as on some network drives, it
// returns at once: a single write with O_APPEND is atomic anyway.
func lockFile(file *os.File) (unlock func()) {
	fd := int(file.Fd())
	for unix.Flock(fd, unix.LOCK_EX) == unix.EINTR {
	}
	return func() { unix.Flock(fd, unix.LOCK_UN) }
}
