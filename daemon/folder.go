package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Folder is the folder of the sockets of a user's sessions. Other users have no access to it.
type Folder struct {
	path  string
	limit time.Duration // bounds connecting to a session, and Close; 0 = the default
}

// Within returns the folder with another limit for connecting to a session and for Close; 0 = the default.
func (f Folder) Within(limit time.Duration) Folder {
	f.limit = limit
	return f
}

// FolderError reports that a folder is not safe for sockets, or cannot be used.
type FolderError struct{ Reason string }

func (e *FolderError) Error() string { return e.Reason }

// Facts returns the reason, for a hint, and no further facts.
func (e *FolderError) Facts() (reason string, facts map[string]string) {
	return "session-directory", nil
}

// OpenFolder returns the folder of the user, and creates it if it does not exist. It is in $XDG_RUNTIME_DIR, or in the folder
// for temporary files if that is not set; env returns the value of an environment variable. If others could write to the
// folder, the error is a *FolderError.
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
	if reason := whyUntrusted(info); reason != "" {
		return Folder{}, &FolderError{fmt.Sprintf("directory for sessions: %s %s", path, reason)}
	}
	return Folder{path: path}, nil
}

// Path returns the path of the folder.
func (f Folder) Path() string { return f.path }

const (
	socketSuffix = ".sock"
	lockSuffix   = ".lock"
)

func (f Folder) socket(name string) string { return filepath.Join(f.path, name+socketSuffix) }

func (f Folder) lock(name string) string { return filepath.Join(f.path, name+lockSuffix) }

// Names returns the names of the sockets in the folder, in alphabetical order. The processes of some may have been killed.
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

// checkPath returns a *LongPathError if the path of a session's socket is too long.
func (f Folder) checkPath(name string) error {
	if path := f.socket(name); len(path) > maxSocketPath {
		return &LongPathError{path}
	}
	return nil
}

// claim reserves a name for this process until it ends or release is called. The error is a *TakenError while another process
// has the name. claim removes the socket of a process that was killed.
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

// isAt reports whether path still names the open file.
func isAt(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}

// removeStale removes the socket of a session if its process was killed, and reports whether it did.
func (f Folder) removeStale(name string) bool {
	release, err := f.claim(name)
	if err != nil {
		return false
	}
	release()
	return true
}

// unknown returns the error for a name that no session has.
func (f Folder) unknown(name string, stale bool) error {
	known, _ := f.Names()
	return &UnknownError{Name: name, Known: known, Stale: stale}
}

// isMissing reports whether err means that the socket does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
