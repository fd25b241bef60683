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
	"wsx/test/proxytest"
)

// docsServers are the servers that the pages use without starting them.
type docsServers struct {
	ports  ports
	ca     string // file with the certificate of the server at 8443
	socket string // unix socket of the server at 8080
}

func startDocsServers(t *testing.T) *docsServers {
	t.Helper()
	dir := t.TempDir()
	s := &docsServers{ca: filepath.Join(dir, "ca.pem"), socket: filepath.Join(dir, "app.sock")}
	echo := s.echo(t)
	s.ports = ports{
		"8080": portOf(echo),
		"8443": portOf(s.secure(t)),
		"3128": portOf(authProxy(t, echo)),
		"1080": portOf(socksProxy(t, echo)),
		"4000": portOf(listenFor(t, http.HandlerFunc(serveGreetings))),
	}
	return s
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// listenFor serves a handler until the test ends, and returns its address.
func listenFor(t *testing.T, handler http.Handler) (addr string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// socksProxy starts a SOCKS 5 proxy (RFC 1928) without credentials. It connects every host to one server.
func socksProxy(t *testing.T, server string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go proxytest.SOCKS{Connect: proxytest.To(server)}.ServeAll(listener) // ended by closing the listener
	return listener.Addr().String()
}

// echo starts an echo server, whose path /private requires credentials.
func (p *docsServers) echo(t *testing.T) (addr string) {
	t.Helper()
	echo, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { echo.Shutdown(context.Background()) })
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/private") && !isKnown(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		echo.ServeHTTP(w, r)
	})
	local, err := net.Listen("unix", p.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	go http.Serve(local, handler) // ended by closing the listener
	return listenFor(t, handler)
}

func isKnown(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	cookie, _ := r.Cookie("session")
	return user == "me" && password == "secret" || r.Header.Get("Authorization") == "Bearer abc" || cookie != nil && cookie.Value == "abc"
}

func (p *docsServers) secure(t *testing.T) (addr string) {
	t.Helper()
	s, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0", TLS: server.TLS{SelfSigned: true, Out: p.ca}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s.Addr().String()
}

// addFiles adds the files that the tables use.
func (d *docsShell) addFiles() *docsShell {
	d.t.Helper()
	for name, content := range map[string]string{"token": "abc\n", "login": "me:secret\n", "sent": strings.Repeat("\x00\xff\n", 1000)} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, file := range []string{d.servers.ca, d.servers.socket} {
		if err := os.Symlink(file, filepath.Join(d.dir, filepath.Base(file))); err != nil {
			d.t.Fatal(err)
		}
	}
	return d
}
