package server

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
)

// Over HTTP/2 and HTTP/3 a client opens a WebSocket with an extended CONNECT (RFC 8441, RFC 9220). The library that accepts opening
// handshakes supports only the upgrade of HTTP/1.1, so an extended CONNECT is converted to one: they differ only in the request and
// the response.

// extended converts HTTP/1.1 responses to those of HTTP/2 and HTTP/3.
type extended struct {
	http.ResponseWriter
	hijack func() (net.Conn, error) // the stream, once the header was written
}

// serveExtended is ServeHTTP for a request of HTTP/2 or HTTP/3. protocol is that of an extended CONNECT; "" = another request.
func (s *Server) serveExtended(w *extended, r *http.Request, protocol string) {
	switch {
	case r.Method == http.MethodConnect && protocol == "websocket":
		asUpgrade(r)
		s.ServeHTTP(w, r)
	case protocol != "" && r.Method != http.MethodConnect:
		w.WriteHeader(http.StatusBadRequest) // RFC 8441, section 4
	case r.Method == http.MethodConnect:
		w.WriteHeader(http.StatusNotImplemented) // RFC 9220, section 3
	default:
		s.ServeHTTP(w, r)
	}
}

// asUpgrade turns an extended CONNECT into the corresponding upgrade request of HTTP/1.1. The key proves nothing here, but the library
// requires one.
func asUpgrade(r *http.Request) {
	var key [16]byte
	rand.Read(key[:]) // never fails (Go 1.24)
	r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key[:]))
}

// WriteHeader writes the corresponding status of HTTP/2, without the fields that only HTTP/1.1 has (RFC 9113, section 8.2.2).
func (w *extended) WriteHeader(status int) {
	for _, name := range []string{"Connection", "Upgrade", "Sec-WebSocket-Accept"} {
		w.Header().Del(name)
	}
	if status == http.StatusSwitchingProtocols {
		status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(status)
}

// Hijack returns the stream, as if it were a connection.
func (w *extended) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, err := w.hijack()
	if err != nil {
		return nil, nil, err
	}
	return conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), nil
}
