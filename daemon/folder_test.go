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

// folderIn is a folder for sessions in a directory of its own.
func folderIn(t *testing.T) Folder {
	t.Helper()
	parent, err := os.MkdirTemp("", "wsx") // shorter than that of the test, for the path of a socket
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
	f := folderIn(t)
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

// TestFolderIsNoLink refuses a link, whose target another user might replace.
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
	f := folderIn(t)
	release, err := f.claim("a")
	if err != nil {
		t.Fatal(err)
	}
	var taken *TakenError
	if _, err := f.claim("a"); !errors.As(err, &taken) {
		t.Errorf("claimed twice: %v", err)
	}
	release()
	if left, _ := os.ReadDir(f.path); len(left) > 0 {
		t.Errorf("%v was left", left)
	}
	if release, err = f.claim("a"); err != nil {
		t.Fatal(err)
	}
	release()
}

// TestStaleSocket removes the socket of a process that was killed, and only that.
func TestStaleSocket(t *testing.T) {
	f := folderIn(t)
	leaveSocket(t, f.socket("dead"))
	var unknown *UnknownError
	if _, err := f.Status("dead"); !errors.As(err, &unknown) || !unknown.Stale {
		t.Errorf("the socket of a process that was killed: %v", err)
	}
	if _, err := f.Status("dead"); !errors.As(err, &unknown) || unknown.Stale {
		t.Errorf("no socket: %v", err)
	}
	leaveSocket(t, f.socket("starting"))
	release, err := f.claim("starting") // removes it as well
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	leaveSocket(t, f.socket("starting"))
	if _, err := f.Status("starting"); !errors.As(err, &unknown) || unknown.Stale {
		t.Errorf("a process that does not listen yet: %v", err)
	}
}

// TestStaleLock removes what a process left that was killed before it listened, and nothing of one that is starting.
func TestStaleLock(t *testing.T) {
	f := folderIn(t)
	os.WriteFile(f.lock("dead"), nil, 0o600)
	release, err := f.claim("starting")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if list, stale, err := f.Sessions(); len(list)+len(stale) > 0 || err != nil {
		t.Errorf("sessions %v, stale %v, %v", list, stale, err)
	}
	left, _ := os.ReadDir(f.path)
	if len(left) != 1 || left[0].Name() != "starting.lock" {
		t.Errorf("%v was left", left)
	}
}

// leaveSocket leaves a socket behind that no process listens at.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()
}
