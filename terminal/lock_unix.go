//go:build unix

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks a file, and reports whether no other process has it locked. A file that cannot be locked at all, as on some
// network drives, counts as locked by this process.
func lockFile(file *os.File) (unlock func(), locked bool) {
	fd := int(file.Fd())
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	for err == unix.EINTR {
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	}
	return func() { unix.Flock(fd, unix.LOCK_UN) }, err != unix.EWOULDBLOCK
}
