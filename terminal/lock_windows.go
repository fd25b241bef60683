//go:build windows

package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile tries to lock a file, and reports whether that worked.
func lockFile(file *os.File) (unlock func(), locked bool) {
	fd := windows.Handle(file.Fd())
	where := windows.Overlapped{OffsetHigh: 1 << 30} // far after the end, so that others can still read
	err := windows.LockFileEx(fd, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where)
	return func() { windows.UnlockFileEx(fd, 0, 1, 0, &where) }, err != windows.ERROR_LOCK_VIOLATION
}
