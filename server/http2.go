package server

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/http2"
)

// net/http serves HTTP/2, but takes an extended CONNECT only if the environment says so when the program starts
// (GODEBUG=http2xconnect=1). So the connections are taken from it, and served here: WebSockets and the page.

// prefaceRest is what follows the request line of the connection preface (RFC 9113, 3.4), which net/http reads as a request.
const prefaceRest = "SM\r\n\r\n"

// asksForHTTP2 is true for a client that begins with HTTP/2 without asking, on a connection without TLS.
func asksForHTTP2(r *http.Request) bool {
	return r.Method == "PRI" && r.URL.Path == "*" && r.Proto == "HTTP/2.0" && len(r.Header) == 0
}

// switchToHTTP2 takes the connection of such a client.
func (s *Server) switchToHTTP2(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // net/http has closed it
	}
	s.serveHTTP2(conn, buffered.Reader, prefaceRest)
}

// takeHTTP2 is called by net/http for a connection on which TLS has agreed on HTTP/2.
func (s *Server) takeHTTP2(_ *http.Server, conn *tls.Conn, _ http.Handler) {
	s.serveHTTP2(conn, bufio.NewReader(conn), http2.ClientPreface)
}

// serveHTTP2 serves a connection until it ends, and its streams have. Of the preface, so much is still to come.
func (s *Server) serveHTTP2(conn net.Conn, in *bufio.Reader, preface string) {
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(headerTimeout))
	start := make([]byte, len(preface))
	if _, err := io.ReadFull(in, start); err != nil || string(start) != preface {
		return
	}
	c := newHTTP2Conn(s, conn, in)
	if !s.carry(c) {
		return
	}
	defer s.drop(c)
	c.serve()
}

// tlsConfig is for connections over TCP.
func (o Options) tlsConfig(certificate tls.Certificate) *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if o.HTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	return config
}

// carry counts a connection in; false = the server is closing.
func (s *Server) carry(c *http2Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.carriers[c] = struct{}{}
	s.left.Add(1)
	return true
}

func (s *Server) drop(c *http2Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.carriers, c)
	s.left.Done()
}
