package listener

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"wsx/errno"
)

func TestParse(t *testing.T) {
	for _, row := range []struct{ text, network, address string }{
		{"8080", "tcp", "127.0.0.1:8080"},
		{":8080", "tcp", ":8080"},
		{"localhost:0", "tcp", "localhost:0"},
		{"[::1]:65535", "tcp", "[::1]:65535"},
		{"unix:/run/x.sock", "unix", "/run/x.sock"},
		{"unix:", "", ""},
		{"", "", ""},
		{"x", "", ""},
		{"-1", "", ""},
		{"65536", "", ""},
		{"::1:80", "", ""},
		{"host:http", "", ""},
	} {
		network, address, err := Parse(row.text)
		_, refused := errors.AsType[*AddressError](err)
		if network != row.network || address != row.address || refused != (row.network == "") {
			t.Errorf("%q is %q %q, %v", row.text, network, address, err)
		}
	}
}

func TestURL(t *testing.T) {
	socket, err := filepath.Abs("x.sock")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		address net.Addr
		secure  bool
		want    string
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, false, "ws://127.0.0.1:80/"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, true, "wss://[::1]:80/"},
		{&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, false, "ws://localhost:80/"},
		{&net.UnixAddr{Net: "unix", Name: "x.sock"}, false, "ws+unix:" + socket + ":/"},
	} {
		if got := URL(row.address, row.secure); got != row.want {
			t.Errorf("%v is %q, want %q", row.address, got, row.want)
		}
	}
}

// TestUnixSockets: a socket in use is an error, the socket of a program that was killed is replaced, and a file is not replaced.
func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := Listen(t.Context(), "unix:"+path)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o666 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := Listen(t.Context(), "unix:"+path); !errors.Is(err, errno.AddressInUse) {
		t.Errorf("in use: %v", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	replacement, err := Listen(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatalf("left behind: %v", err)
	}
	replacement.Close()
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), "unix:"+path); !errors.Is(err, errno.AddressInUse) {
		t.Errorf("a file: %v", err)
	}
	if text, err := os.ReadFile(path); string(text) != "text" {
		t.Errorf("the file is %q, %v", text, err)
	}
}
