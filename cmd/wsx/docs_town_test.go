//go:build linux || darwin

package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/server"
)

// town is who the pages talk to without having started it, in its place.
type town struct {
	ports  ports
	ca     string // the file with the certificate of who is at 8443
	socket string // where who is at 8080 listens as well
}

func newTown(t *testing.T) *town {
	t.Helper()
	dir := t.TempDir()
	place := &town{ca: filepath.Join(dir, "ca.pem"), socket: filepath.Join(dir, "app.sock")}
	echo := place.echo(t)
	place.ports = ports{
		"8080": portOf(echo),
		"8443": portOf(place.secure(t)),
		"3128": portOf(listenFor(t, &webProxy{echo})),
		"1080": portOf(socksProxy(t, echo)),
		"4000": portOf(listenFor(t, http.HandlerFunc(greet))),
	}
	return place
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// listenFor returns where a handler is asked until the test ends.
func listenFor(t *testing.T, handler http.Handler) (addr string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// echo is wsx serve, and /private in it wants to know who we are.
func (p *town) echo(t *testing.T) (addr string) {
	t.Helper()
	echo, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { echo.Shutdown(context.Background()) })
	gate := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/private") && !isKnown(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		echo.ServeHTTP(w, r)
	})
	local, err := net.Listen("unix", p.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	go http.Serve(local, gate) // ended by closing the listener
	return listenFor(t, gate)
}

func isKnown(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	cookie, _ := r.Cookie("session")
	return user == "me" && password == "secret" || r.Header.Get("Authorization") == "Bearer abc" || cookie != nil && cookie.Value == "abc"
}

func (p *town) secure(t *testing.T) (addr string) {
	t.Helper()
	s, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", TLS: server.TLS{SelfSigned: true, Out: p.ca}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s.Addr().String()
}

// furnish puts the files on the desk that the tables speak of.
func (d *desk) furnish() *desk {
	d.t.Helper()
	for name, content := range map[string]string{"token": "abc\n", "login": "me:secret\n", "sent": strings.Repeat("\x00\xff\n", 1000)} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, file := range []string{d.town.ca, d.town.socket} {
		if err := os.Symlink(file, filepath.Join(d.dir, filepath.Base(file))); err != nil {
			d.t.Fatal(err)
		}
	}
	return d
}
