package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wsx/client"
)

func TestKeptMessages(t *testing.T) {
	dir := t.TempDir()
	m := keptMessagesOf(dir, "Example.org:9000")
	if m.dir != filepath.Join(dir, "example.org_9000") {
		t.Errorf("the folder is %s", m.dir)
	}
	if names := m.names(); len(names) > 0 {
		t.Errorf("there are %q", names)
	}
	for _, message := range []struct {
		name string
		kind client.Type
		data string
	}{{"b", client.Text, "one"}, {"a.b", client.Binary, "\x00\xff"}, {"b", client.Binary, "two"}, {"c", client.Text, ""}} {
		if err := m.write(message.name, message.kind, []byte(message.data)); err != nil {
			t.Fatal(err)
		}
		if kind, data, err := m.read(message.name); kind != message.kind || string(data) != message.data || err != nil {
			t.Errorf("%s is %v %q, %v", message.name, kind, data, err)
		}
	}
	os.WriteFile(filepath.Join(m.dir, "notes"), nil, 0o600)
	if names := m.names(); !slices.Equal(names, []string{"a.b", "b", "c"}) {
		t.Errorf("there are %q", names)
	}
	if _, _, err := keptMessagesOf(dir, "other").read("b"); err == nil {
		t.Error("another host has the same messages")
	}
	for _, name := range []string{"", ".", "..", "../b", "a/b", ".hidden", "a b", strings.Repeat("x", 65), "\x1b[2J"} {
		if err := m.write(name, client.Text, nil); err == nil {
			t.Errorf("%q is a name", name)
		}
		if _, _, err := m.read(name); err == nil {
			t.Errorf("%q is a message", name)
		}
	}
	os.Mkdir(filepath.Join(m.dir, "folder.txt"), 0o700)
	if _, _, err := m.read("folder"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

func TestHostsOfKeptMessages(t *testing.T) {
	for url, want := range map[string]string{
		"wss://Example.org/chat":         "example.org",
		"example.org":                    "example.org",
		"ws://example.org:80/":           "example.org",
		"ws://example.org:9000/?a=b":     "example.org_9000",
		"ws://[::1]:9000/":               "___1__9000",
		"ws+unix:/run/../etc/sock:/path": "_run_.._etc_sock",
		"..":                             "_",
	} {
		if got := filepath.Base(keptMessagesOf("dir", hostOf(url)).dir); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}
