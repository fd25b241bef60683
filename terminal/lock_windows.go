//go:build windows

package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile waits until no other process has the file locked.
func lockFile(file *os.File) (unlock func()) {
	fd := windows.Handle(file.Fd())
	where := windows.Overlapped{OffsetHigh: 1 << 30} // far behind the end, so that reading is not kept out
	windows.LockFileEx(fd, windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &where)
	return func() { windows.UnlockFileEx(fd, 0, 1, 0, &where) }
}
