package daemon

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// folderPath is in the folder of the user for what programs keep on this machine.
func folderPath(env func(string) string) string {
	return filepath.Join(cmp.Or(env("XDG_RUNTIME_DIR"), env("LOCALAPPDATA"), temporary(env)), "wsx")
}

// distrust returns "": a folder in the user's profile has its access list.
func distrust(fs.FileInfo) string { return "" }

// tryLock locks a file for as long as it is open, and reports whether no other process has.
func tryLock(file *os.File) bool {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{}) == nil
}

// removeLocked removes a file once it can be removed: Windows removes none that is open. One that another process has opened
// meanwhile stays.
func removeLocked(file *os.File, path string) {
	file.Close()
	os.Remove(path)
}
