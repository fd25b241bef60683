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

// webProxy is an HTTP proxy for whoever is me and knows the secret. All that is behind it is one server, which it
// calls every name.
type webProxy struct{ server string }

func (p *webProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("me:secret")) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
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

// socksProxy is a SOCKS 5 proxy (RFC 1928) for everybody, before the same server.
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
			go passOn(conn, server)
		}
	}()
	return listener.Addr().String()
}

// passOn takes a greeting with its methods, answers "none", and takes a request, whose address it reads to its end.
func passOn(conn net.Conn, server string) {
	in := bufio.NewReader(conn)
	head := make([]byte, 4)
	io.ReadFull(in, head[:2])
	in.Discard(int(head[1]))
	conn.Write([]byte{5, 0})
	io.ReadFull(in, head)
	length := byte(net.IPv4len)
	if head[3] == 3 { // a name, behind its length
		length, _ = in.ReadByte()
	}
	in.Discard(int(length) + 2)
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	join(conn, server)
}
