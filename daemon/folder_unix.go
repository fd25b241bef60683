//go:build unix

package daemon

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// folderPath returns $XDG_RUNTIME_DIR/wsx (XDG Base Directory Specification), or a folder named after the user ID in the one
// for temporary files.
func folderPath(env func(string) string) string {
	if runtime := env("XDG_RUNTIME_DIR"); runtime != "" {
		return filepath.Join(runtime, "wsx")
	}
	return filepath.Join(cmp.Or(env("TMPDIR"), os.TempDir()), "wsx-"+strconv.Itoa(os.Getuid()))
}

// whyUntrusted returns why other users could have access to a folder; "" = they do not.
func whyUntrusted(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(stat.Uid) != os.Getuid():
		return fmt.Sprintf("belongs to the user %d, not to you", stat.Uid)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf("has mode %04o: other users could use your sessions", info.Mode().Perm())
	}
	return ""
}

// tryLock locks a file until it is closed, and reports whether it did: not if another process has locked it.
func tryLock(file *os.File) bool {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	for err == unix.EINTR {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	return err == nil
}

// removeLocked removes a file while this process holds its lock, so that no other process can have locked it.
func removeLocked(file *os.File, path string) {
	os.Remove(path)
	file.Close()
}
