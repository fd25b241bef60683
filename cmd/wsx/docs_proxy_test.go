//go:build linux || darwin

package main

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"testing"
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
	go func() { // ended by closing the listener
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveSOCKS(conn, server)
		}
	}()
	return listener.Addr().String()
}

// serveSOCKS reads the methods, chooses no authentication, and reads a request to the end of its address.
func serveSOCKS(conn net.Conn, server string) {
	in := bufio.NewReader(conn)
	head := make([]byte, 4)
	io.ReadFull(in, head[:2])
	in.Discard(int(head[1]))
	conn.Write([]byte{5, 0})
	io.ReadFull(in, head)
	length := byte(net.IPv4len)
	if head[3] == 3 { // a name, after its length
		length, _ = in.ReadByte()
	}
	in.Discard(int(length) + 2)
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	join(conn, server)
}
