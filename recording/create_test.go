package recording

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestCreate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	folder := t.TempDir()
	pathOf := func(name string) string { return filepath.Join(folder, name) }
	write := func(name string, mode os.FileMode) {
		if err := os.WriteFile(pathOf(name), []byte("old content"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(pathOf(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("old", 0o644)
	write("target", 0o640)
	for link, target := range map[string]string{"link": "target", "dangling": "nowhere"} {
		if err := os.Symlink(target, pathOf(link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, file string
		mode       os.FileMode
	}{{"new", "new", 0o600}, {"old", "old", 0o644}, {"link", "target", 0o640}, {"dangling", "nowhere", 0o600}} {
		file, err := Create(pathOf(c.name))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		file.WriteString("new")
		file.Close()
		info, err := os.Lstat(pathOf(c.file))
		if err != nil || info.Mode() != c.mode || info.Size() != int64(len("new")) {
			t.Errorf("%s: %v, %v", c.name, info, err)
		}
	}
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	device, err := Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	device.WriteString("x")
	device.Close()
	if after, err := os.Stat(os.DevNull); err != nil || after.Mode() != before.Mode() {
		t.Errorf("%v became %v, %v", before.Mode(), after.Mode(), err)
	}
	if _, err := Create(folder); err == nil {
		t.Error("a folder was created")
	}
}
