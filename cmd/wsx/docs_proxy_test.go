//go:build linux || darwin

package main

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"testing"

	"wsx/test/socks"
)

// webProxy is an HTTP proxy with the credentials me:secret. It connects every host to one server.
type webProxy struct{ server string }

func (p *webProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("me:secret")) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		http.Error(w, "unauthorized", http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	join(conn, p.server)
}

// socksProxy starts a SOCKS 5 proxy (RFC 1928) without credentials. It connects every host to one server.
func socksProxy(t *testing.T, server string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go socks.Proxy{Connect: socks.To(server)}.ServeAll(listener) // ended by closing the listener
	return listener.Addr().String()
}
