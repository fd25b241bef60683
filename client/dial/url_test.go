package dial

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ url, want, dialed string }{
		{"ws://example.com", "ws://example.com/", "example.com:80"},
		{"wss://example.com", "wss://example.com/", "example.com:443"},
		{"http://example.com/x", "ws://example.com/x", "example.com:80"},
		{"https://example.com/x", "wss://example.com/x", "example.com:443"},
		{"WSS://Example.COM/Path", "wss://example.com/Path", "example.com:443"},
		{"ws://example.com:443", "ws://example.com:443/", "example.com:443"},
		{"wss://example.com:443/", "wss://example.com/", "example.com:443"},
		{"ws://example.com?a=b", "ws://example.com/?a=b", "example.com:80"},
		{"ws://example.com/?", "ws://example.com/?", "example.com:80"},
		{"ws://example.com/a b?c d=é", "ws://example.com/a%20b?c%20d=%C3%A9", "example.com:80"},
		{"ws://example.com/%7Ea%2Fb", "ws://example.com/%7Ea%2Fb", "example.com:80"},
		{"ws://u:p@example.com/", "ws://example.com/", "example.com:80"},

		{"example.com", "wss://example.com/", "example.com:443"},
		{"example.com/x", "wss://example.com/x", "example.com:443"},
		{"//example.com/x", "wss://example.com/x", "example.com:443"},
		{"example.com:443", "wss://example.com/", "example.com:443"},
		{"example.com:8080", "ws://example.com:8080/", "example.com:8080"},
		{"example.com/?next=http://x", "wss://example.com/?next=http://x", "example.com:443"},
		{":8080/x", "ws://localhost:8080/x", "localhost:8080"},
		{"ws://:8080", "ws://localhost:8080/", "localhost:8080"},
		{"localhost", "ws://localhost/", "localhost:80"},
		{"localhost:443", "ws://localhost:443/", "localhost:443"},
		{"a.localhost/x", "ws://a.localhost/x", "a.localhost:80"},
		{"localhost.example.com", "wss://localhost.example.com/", "localhost.example.com:443"},
		{"127.0.0.1", "ws://127.0.0.1/", "127.0.0.1:80"},
		{"127.9.9.9:443", "ws://127.9.9.9:443/", "127.9.9.9:443"},
		{"[::1]:9000/x", "ws://[::1]:9000/x", "[::1]:9000"},
		{"::1", "ws://[::1]/", "[::1]:80"},
		{"192.0.2.1", "wss://192.0.2.1/", "192.0.2.1:443"},

		{"ws://[fe80::1%25eth0]:8080/", "ws://[fe80::1]:8080/", "[fe80::1%eth0]:8080"},
		{"ws://[fe80::1%eth0]/", "ws://[fe80::1]/", "[fe80::1%eth0]:80"},
		{"wss://bücher.example/ü", "wss://xn--bcher-kva.example/%C3%BC", "xn--bcher-kva.example:443"},
		{"ws://日本語。example", "ws://xn--wgv71a119e.example/", "xn--wgv71a119e.example:80"},
		{"ws://a_b.example", "ws://a_b.example/", "a_b.example:80"},

		{"ws+unix:/run/x.sock", "ws+unix:/run/x.sock:/", "localhost:80"},
		{"ws+unix:/run/x.sock:/chat?a", "ws+unix:/run/x.sock:/chat?a", "localhost:80"},
		{"ws+unix:///run/x.sock:/chat", "ws+unix:/run/x.sock:/chat", "localhost:80"},
		{"ws+unix:./x.sock:?a", "ws+unix:./x.sock:/?a", "localhost:80"},
		{"wss+unix:/x:/", "wss+unix:/x:/", "localhost:443"},
	} {
		got, err := ParseURL(c.url)
		if err != nil {
			t.Errorf("%q: %v", c.url, err)
			continue
		}
		if got.String() != c.want || got.address() != c.dialed {
			t.Errorf("%q is %s at %s, wanted %s at %s", c.url, got, got.address(), c.want, c.dialed)
		}
	}
}

func TestParseURLErrors(t *testing.T) {
	for _, c := range []struct{ url, message, hint string }{
		{"", `URL "": it is empty`, ""},
		{"ftp://example.com", `the scheme "ftp" is not ws`, ""},
		{"http+unix:/x", `the scheme "http+unix" is not ws`, ""},
		{"ws://example.com/#top", "has no fragment", "write %23"},
		{"ws://example.com/x#", "has no fragment", "write %23"},
		{"ws://example.com:0", "port 0 is not between", ""},
		{"ws://example.com:65536", "port 65536 is not between", ""},
		{"ws://example.com:http", "invalid port", ""},
		{"ws://[::1", "missing ']'", ""},
		{"ws://exa mple.com", "host name", ""},
		{"ws://a\x00b/", "control character", ""},
		{"ws://a/\r\nX: y", "control character", ""},
		{"ws://a/%zz", "invalid URL escape", ""},
		{"ws://xn--é/", "is not a valid name", ""},
		{"ws:///x", "has no host", ""},
		{"/run/x.sock", "has no host", "ws+unix:/run/x.sock"},
		{"ws+unix:", "the path of the socket is missing", ""},
		{"ws+unix:/x:y", "must begin with a slash", ""},
	} {
		_, err := ParseURL(c.url)
		var usage *UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%q: %v", c.url, err)
			continue
		}
		if !strings.Contains(usage.Message, c.message) || !strings.Contains(usage.Hint, c.hint) {
			t.Errorf("%q is refused with %q, hint %q; wanted %q, hint %q", c.url, usage.Message, usage.Hint, c.message, c.hint)
		}
	}
}

// FuzzParseURL: an accepted URL fits into a request line, and parses to the same target again.
func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"ws://example.com:8080/a?b", "example.com", "::1", ":80", "[fe80::1%eth0]", "ws+unix:/a:/b", "ws://u:p@h/%41?%zz", "é.example", "ws://h/?a b#", "::/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := ParseURL(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(target.Path+target.authority(), " \t\r\n#") || !strings.HasPrefix(target.Path, "/") || !isPort(target.Port) {
			t.Fatalf("%q: path %q, authority %q", s, target.Path, target.authority())
		}
		again, err := ParseURL(target.String())
		if err != nil || again.String() != target.String() {
			t.Fatalf("%q is %q, which is %q, %v", s, target, again, err)
		}
		if _, err := http.NewRequest("GET", "ws://"+target.authority()+target.Path, nil); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// TestAbsoluteSocket reads the path of a socket as the system writes it: on Windows with the colon of a drive.
func TestAbsoluteSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sock")
	target, err := ParseURL("ws+unix:" + path + ":/chat")
	if err != nil || target.Unix != path || target.Path != "/chat" {
		t.Errorf("%s: %+v, %v", path, target, err)
	}
}
