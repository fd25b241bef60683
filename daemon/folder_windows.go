package daemon

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// folderPath returns a folder in the user's local application data.
func folderPath(env func(string) string) string {
	return filepath.Join(cmp.Or(env("XDG_RUNTIME_DIR"), env("LOCALAPPDATA"), env("TMPDIR"), os.TempDir()), "wsx")
}

// whyUntrusted returns "": a folder in the user's profile inherits the access list of the profile.
func whyUntrusted(fs.FileInfo) string { return "" }

// tryLock locks a file until it is closed, and reports whether it did: not if another process has locked it.
func tryLock(file *os.File) bool {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{}) == nil
}

// removeLocked closes a file, and then removes it: Windows cannot remove an open file. One that another process has opened
// meanwhile remains.
func removeLocked(file *os.File, path string) {
	file.Close()
	os.Remove(path)
}
