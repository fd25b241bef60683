//go:build unix

package daemon

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// folderPath is $XDG_RUNTIME_DIR/wsx (XDG Base Directory Specification), or a folder with the user's number for temporary files.
func folderPath(env func(string) string) string {
	if runtime := env("XDG_RUNTIME_DIR"); runtime != "" {
		return filepath.Join(runtime, "wsx")
	}
	return filepath.Join(temporary(env), "wsx-"+strconv.Itoa(os.Getuid()))
}

// distrust returns why a folder is not ours alone; "" = it is.
func distrust(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(stat.Uid) != os.Getuid():
		return fmt.Sprintf("belongs to the user %d, not to you", stat.Uid)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf("has mode %04o: other users could use your sessions", info.Mode().Perm())
	}
	return ""
}

// tryLock locks a file for as long as it is open, and reports whether no other process has.
func tryLock(file *os.File) bool {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	for err == unix.EINTR {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	return err == nil
}

// removeLocked removes a file while it is locked, so that no other process can have locked it.
func removeLocked(file *os.File, path string) {
	os.Remove(path)
	file.Close()
}
