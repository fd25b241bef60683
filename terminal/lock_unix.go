//go:build unix

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile tries to lock a file, and reports whether that worked. A file that cannot be locked at all, as on some network file
// systems, counts as locked.
func lockFile(file *os.File) (unlock func(), locked bool) {
	fd := int(file.Fd())
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	for err == unix.EINTR {
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	}
	return func() { unix.Flock(fd, unix.LOCK_UN) }, err != unix.EWOULDBLOCK
}
