package dial

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func basicOf(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestAuthorization(t *testing.T) {
	file := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(file, []byte("machine a.example login ann password secret\nmachine b.example login bob password other"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(_ context.Context, prompt string) (string, error) { return "[" + prompt + "]", nil }
	for _, c := range []struct {
		name, url string
		o         Options
		want      string
	}{
		{"no credentials", "ws://a.example", Options{}, ""},
		{"user", "ws://a.example", Options{User: "u:p:q"}, basicOf("u", "p:q")},
		{"empty password", "ws://a.example", Options{User: "u:"}, basicOf("u", "")},
		{"asked for", "ws://a.example:81", Options{User: "u", AskPassword: ask}, basicOf("u", "[Password of u for a.example:81: ]")},
		{"token", "ws://u:p@a.example", Options{Bearer: "t"}, "Bearer t"},
		{"URL", "ws://u%40x:p%3Aq@a.example", Options{}, basicOf("u@x", "p:q")},
		{"URL without a password", "ws://u@a.example", Options{AskPassword: ask}, basicOf("u", "")},
		{"user before URL", "ws://u:p@a.example", Options{User: "v:q"}, basicOf("v", "q")},
		{"netrc", "ws://a.example", Options{Netrc: file}, basicOf("ann", "secret")},
		{"netrc has the password", "ws://a.example", Options{Netrc: file, User: "ann"}, basicOf("ann", "secret")},
		{"netrc has another user", "ws://a.example", Options{Netrc: file, User: "bob", AskPassword: ask}, basicOf("bob", "[Password of bob for a.example: ]")},
		{"URL before netrc", "ws://u:p@a.example", Options{Netrc: file}, basicOf("u", "p")},
	} {
		d, err := New(t.Context(), c.url, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := d.credentials.authorizationFor(d.target); got != c.want {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
}

func TestCredentialsForTheirOriginOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(file, []byte("machine b.example login bob password other"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := New(t.Context(), "ws://u:p@a.example", Options{Netrc: file})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, want string }{
		{"ws://a.example/other", basicOf("u", "p")},
		{"wss://a.example", ""},
		{"ws://a.example:81", ""},
		{"ws://x.a.example", ""},
		{"ws://b.example", basicOf("bob", "other")},
		{"ws://v:q@c.example", basicOf("v", "q")},
	} {
		target, err := ParseURL(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.credentials.authorizationFor(target); got != c.want {
			t.Errorf("%s is sent %q, wanted %q", c.url, got, c.want)
		}
	}
}

func TestCredentialErrors(t *testing.T) {
	noTerminal := errors.New("no terminal")
	_, err := New(t.Context(), "ws://a.example", Options{User: "u", AskPassword: func(context.Context, string) (string, error) { return "", noTerminal }})
	if !errors.Is(err, noTerminal) {
		t.Errorf("a failed prompt: %v", err)
	}
	if _, err := New(t.Context(), "ws://a.example", Options{Netrc: "/nonexistent/netrc"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing netrc: %v", err)
	}
}
