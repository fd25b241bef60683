//go:build unix

package daemon

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newFolder returns a folder for sessions in a new directory.
func newFolder(t *testing.T) Folder {
	t.Helper()
	parent, err := os.MkdirTemp("", "wsx") // shorter than t.TempDir: the length of a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	f, err := OpenFolder(func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": parent}[name] })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFolderIsPrivate(t *testing.T) {
	f := newFolder(t)
	info, err := os.Stat(f.path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has the mode %v, %v", info.Mode(), err)
	}
	env := func(string) string { return filepath.Dir(f.path) }
	for mode, trusted := range map[os.FileMode]bool{0o700: true, 0o755: false, 0o770: false, 0o701: false} {
		os.Chmod(f.path, mode)
		_, err := OpenFolder(env)
		var refused *FolderError
		if errors.As(err, &refused) == trusted {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

// TestFolderIsNoLink checks that a symbolic link is rejected: another user might replace its target.
func TestFolderIsNoLink(t *testing.T) {
	parent := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(parent, "wsx")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(func(string) string { return parent }); err == nil {
		t.Error("a link was taken for a folder")
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"chat": true, "a.b-c_9": true, strings.Repeat("a", 64): true,
		"": false, ".": false, "..": false, "a/b": false, "Chat": false, "a b": false, strings.Repeat("a", 65): false, "é": false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestClaim(t *testing.T) {
	f := newFolder(t)
	release, err := f.claim("a")
	if err != nil {
		t.Fatal(err)
	}
	var taken *TakenError
	if _, err := f.claim("a"); !errors.As(err, &taken) {
		t.Errorf("claimed twice: %v", err)
	}
	release()
	if entries, _ := os.ReadDir(f.path); len(entries) > 0 {
		t.Errorf("%v was left", entries)
	}
	if release, err = f.claim("a"); err != nil {
		t.Fatal(err)
	}
	release()
}

// TestStaleSocket checks that the socket of a process that was killed is removed, and no other.
func TestStaleSocket(t *testing.T) {
	f := newFolder(t)
	makeStaleSocket(t, f.socket("dead"))
	var unknown *UnknownError
	if _, err := f.Status("dead"); !errors.As(err, &unknown) || !unknown.Stale {
		t.Errorf("the socket of a process that was killed: %v", err)
	}
	if _, err := f.Status("dead"); !errors.As(err, &unknown) || unknown.Stale {
		t.Errorf("no socket: %v", err)
	}
	makeStaleSocket(t, f.socket("starting"))
	release, err := f.claim("starting") // removes the socket as well
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	makeStaleSocket(t, f.socket("starting"))
	if _, err := f.Status("starting"); !errors.As(err, &unknown) || unknown.Stale {
		t.Errorf("a process that does not listen yet: %v", err)
	}
}

// TestStaleLock checks that the lock file of a process that was killed before it listened is removed, and that of a process that is
// starting is not.
func TestStaleLock(t *testing.T) {
	f := newFolder(t)
	os.WriteFile(f.lock("dead"), nil, 0o600)
	release, err := f.claim("starting")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if list, stale, err := f.Sessions(); len(list)+len(stale) > 0 || err != nil {
		t.Errorf("sessions %v, stale %v, %v", list, stale, err)
	}
	entries, _ := os.ReadDir(f.path)
	if len(entries) != 1 || entries[0].Name() != "starting.lock" {
		t.Errorf("%v was left", entries)
	}
}

// makeStaleSocket creates a socket that no process listens on.
func makeStaleSocket(t *testing.T, path string) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()
}
