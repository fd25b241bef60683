package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	got, err := parse(file, []byte(`
# a comment
[prod]
url = "wss://example.com/feed"
headers = ["X-Tenant: blue", "X-Tenant: red"]
bearer = "@token"
subprotocol = "chat"
as = "./mine.dialect"
proxy = "socks5h://localhost:1080"
ca = ["ca.pem", "system"]
cert = "/etc/me.pem"
key = "me.key"

[a]
url = 'ws://localhost'
bearer = "cmd:pass show a"
as = "socketio"
subprotocol = ["x", "y"]
headers = { B = "2", A = ["1", "0"] }
`))
	want := []*Context{
		{Name: "a", File: file, URL: "ws://localhost", Bearer: "cmd:pass show a", As: "socketio", Subprotocols: []string{"x", "y"}, Headers: []string{"A: 0", "A: 1", "B: 2"}},
		{Name: "prod", File: file, URL: "wss://example.com/feed", Headers: []string{"X-Tenant: blue", "X-Tenant: red"}, Bearer: "@" + filepath.Join(dir, "token"),
			Subprotocols: []string{"chat"}, As: filepath.Join(dir, "mine.dialect"), Proxy: "socks5h://localhost:1080",
			CA: []string{filepath.Join(dir, "ca.pem"), "system"}, Cert: "/etc/me.pem", Key: filepath.Join(dir, "me.key")},
	}
	if runtime.GOOS == "windows" {
		want[1].Cert = got[1].Cert // relative, since it has no drive
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v %+v\nwant %+v %+v", err, *got[0], *got[1], *want[0], *want[1])
	}
	if command, runs := got[0].Command(); command != "pass show a" || !runs {
		t.Errorf("command %q, %v", command, runs)
	}
}

func TestErrorsHavePositions(t *testing.T) {
	for content, want := range map[string]string{
		"[a]\nurl = 'x'\ntoken = 'y'\n":         `f:3: unknown key "a.token": the keys of a context are url, headers, bearer,`,
		"[a]\n[a.more]\nx = 1\n":                `f:2: unknown key "a.more`,
		"[a]\nurl = 7\n":                        "f:2: ",
		"[a]\nurl = 'x'\nurl = 'y'\n":           "f:3: ",
		"[a]\nurl\n":                            "f:2: ",
		"url = 'x'\n":                           "f:1: ",
		"[a]\nheaders = 7\n":                    "f: [a] headers: expected a string or a list of strings",
		"[a]\nsubprotocol = [1]\n":              "f: [a] subprotocol: expected a string",
		"['a b']\nurl = 'x'\n":                  "f: [a b] is not a valid name for a context",
		"[a]\nheaders = { X = { Y = 'z' } }\n":  "f: [a] headers: expected a string",
		"[a]\nurl = \"\xff\"\n":                 "f:2: ",
		"[a]\nca = { file = 'x' }\n":            "f: [a] ca: expected a string",
		"[a]\nurl = 'x'\n\n\n[b]\nheader = 1\n": `f:6: unknown key "b.header"`,
	} {
		_, err := parse("f", []byte(content))
		var fileErr *FileError
		if !errors.As(err, &fileErr) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

// project writes a project's file in a folder above the one in which the search begins, and a user's file. A file without content is
// not written.
func project(t *testing.T, projectContent, userContent string) Places {
	t.Helper()
	home, dir := t.TempDir(), t.TempDir()
	below := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	p := Places{User: filepath.Join(home, "config"), Dir: below, Trust: Trust(filepath.Join(home, "state", "trusted"))}
	for path, content := range map[string]string{p.User: userContent, filepath.Join(dir, ProjectFile): projectContent} {
		if err := os.WriteFile(path, []byte(content), 0o600); content != "" && err != nil {
			t.Fatal(err)
		}
		if content == "" {
			os.Remove(path)
		}
	}
	return p
}

func TestTrust(t *testing.T) {
	p := project(t, "[prod]\nurl = 'ws://ours'\nbearer = 'cmd:touch made'\n", "[prod]\nurl = 'ws://mine'\n[own]\nurl = 'ws://own'\n")
	path := Nearest(p.Dir)
	distrusts := func(name string) {
		t.Helper()
		var untrusted *UntrustedError
		if _, err := p.Find(name); !errors.As(err, &untrusted) || untrusted.File != path {
			t.Errorf("%s: %v", name, err)
		}
	}
	finds := func(name, url string) {
		t.Helper()
		if c, err := p.Find(name); err != nil || c.URL != url {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	trust := func() {
		t.Helper()
		file, err := Read(path)
		if err == nil {
			err = p.Trust.Add(path, file.Content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rewrite := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	distrusts("prod")
	finds("own", "ws://own")
	trust()
	finds("prod", "ws://ours")
	rewrite("[prod]\nurl = 'ws://theirs'\n")
	distrusts("prod")
	trust()
	finds("prod", "ws://theirs")
	rewrite("[prod]\nurl = 'ws://ours'\nbearer = 'cmd:touch made'\n") // the first content, which is no longer trusted
	distrusts("prod")
	rewrite("[prod\n")
	distrusts("own") // a file that does not parse may define any name
	rewrite("[more]\nurl = 'ws://more'\n")
	finds("prod", "ws://mine")
	var unknown *UnknownError
	if _, err := p.Find("more2"); !errors.As(err, &unknown) || strings.Join(unknown.Known, " ") != "own prod" {
		t.Errorf("%v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(string(p.Trust))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	os.Chmod(string(p.Trust), 0o644)
	if _, err := p.Find("prod"); err == nil || !strings.Contains(err.Error(), "must have mode 0600") {
		t.Errorf("a list that others may read: %v", err)
	}
}

// TestTrustIsForOneFile: the same content elsewhere is not trusted.
func TestTrustIsForOneFile(t *testing.T) {
	p := project(t, "[a]\nurl = 'ws://a'\n", "")
	other := project(t, "[a]\nurl = 'ws://a'\n", "")
	other.Trust = p.Trust
	file, err := Read(Nearest(p.Dir))
	if err == nil {
		err = p.Trust.Add(file.Path, file.Content)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Find("a"); err != nil {
		t.Error(err)
	}
	var untrusted *UntrustedError
	if _, err := other.Find("a"); !errors.As(err, &untrusted) {
		t.Error(err)
	}
}

func TestNotAFile(t *testing.T) {
	p := project(t, "", "")
	if files, err := p.Files(); err != nil || len(files) > 0 {
		t.Errorf("%v %v", files, err)
	}
	os.Mkdir(filepath.Join(p.Dir, ProjectFile), 0o700)
	if path := Nearest(p.Dir); path != "" {
		t.Errorf("a folder is taken for a file: %s", path)
	}
	if _, err := Read(filepath.Join(p.Dir, ProjectFile)); err == nil {
		t.Error("a folder is read")
	}
	large := filepath.Join(p.Dir, "large")
	os.WriteFile(large, make([]byte, maxFile+1), 0o600)
	if _, err := Read(large); err == nil || !strings.Contains(err.Error(), "longer") {
		t.Error(err)
	}
}

// FuzzParse checks that there is no panic, and that every error is a *FileError.
func FuzzParse(f *testing.F) {
	f.Add([]byte("[a]\nurl = 'x'\nheaders = { A = ['b'] }\n"))
	f.Add([]byte("[a]\nca = ['x', 1]\n[a.b]\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := parse("f", content)
		var fileErr *FileError
		if err != nil && !errors.As(err, &fileErr) {
			t.Error(err)
		}
	})
}
