package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Folder is where the sockets of a user's sessions are. Other users cannot enter it.
type Folder struct {
	path  string
	limit time.Duration // how long a use of a session may take to begin, and Close to end; 0 = as long as is usual
}

// Within returns the folder for uses of sessions that may take so long; 0 = as long as is usual.
func (f Folder) Within(limit time.Duration) Folder {
	f.limit = limit
	return f
}

// FolderError is a folder that cannot be trusted with sockets, or used.
type FolderError struct{ Reason string }

func (e *FolderError) Error() string { return e.Reason }

// OpenFolder returns the folder of the user that env names, and makes it if it is not there. It is in $XDG_RUNTIME_DIR, or where
// that is not set in the folder for temporary files. One that others could write to is refused.
func OpenFolder(env func(string) string) (Folder, error) {
	path := folderPath(env)
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return Folder{}, &FolderError{fmt.Sprintf("directory for sessions: %v", err)}
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return Folder{}, &FolderError{fmt.Sprintf("directory for sessions: %v", err)}
	case !info.IsDir():
		return Folder{}, &FolderError{fmt.Sprintf("directory for sessions: %s is not a directory", path)}
	}
	if reason := distrust(info); reason != "" {
		return Folder{}, &FolderError{fmt.Sprintf("directory for sessions: %s %s", path, reason)}
	}
	return Folder{path: path}, nil
}

// Path is the path of the folder.
func (f Folder) Path() string { return f.path }

const (
	socketSuffix = ".sock"
	lockSuffix   = ".lock"
)

func (f Folder) socket(name string) string { return filepath.Join(f.path, name+socketSuffix) }

func (f Folder) lock(name string) string { return filepath.Join(f.path, name+lockSuffix) }

// Names returns the names of sessions whose sockets are there, in alphabetical order. Some may be stale.
func (f Folder) Names() ([]string, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name, found := strings.CutSuffix(entry.Name(), socketSuffix)
		if found && CheckName(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// maxSocketPath is how long the path of a socket can be on every system but Linux, which takes 4 bytes more.
const maxSocketPath = 103

// checkPath returns a *LongPathError where the socket of a session cannot have its path.
func (f Folder) checkPath(name string) error {
	if path := f.socket(name); len(path) > maxSocketPath {
		return &LongPathError{path}
	}
	return nil
}

// claim takes a name for this process, for as long as it lives or until release is called. It fails with a *TakenError while
// another process has it. The socket of a process that was killed is removed.
func (f Folder) claim(name string) (release func(), err error) {
	if err := f.checkPath(name); err != nil {
		return nil, err
	}
	path := f.lock(name)
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if !tryLock(file) {
			file.Close()
			return nil, &TakenError{name}
		}
		if isAt(file, path) {
			os.Remove(f.socket(name))
			return func() {
				os.Remove(f.socket(name))
				removeLocked(file, path)
			}, nil
		}
		file.Close() // another process has removed it meanwhile
	}
}

// isAt reports whether an open file is the one that path names.
func isAt(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}

// removeStale removes the socket of a process that was killed, and reports whether it was one.
func (f Folder) removeStale(name string) bool {
	release, err := f.claim(name)
	if err != nil {
		return false
	}
	release()
	return true
}

// unknown is the error for a name that no session has.
func (f Folder) unknown(name string, stale bool) error {
	known, _ := f.Names()
	return &UnknownError{Name: name, Known: known, Stale: stale}
}

// temporary is the folder for temporary files that env names.
func temporary(env func(string) string) string { return cmp.Or(env("TMPDIR"), os.TempDir()) }
