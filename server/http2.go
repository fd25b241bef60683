package server

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"

	"wsx/http2"
)

// net/http serves HTTP/2, but accepts an extended CONNECT only if GODEBUG=http2xconnect=1 was set when the program started. So HTTP/2
// connections are served here: WebSockets and the page.

// prefaceStart is the part of the connection preface (RFC 9113, section 3.4) that net/http reads as a request.
const prefaceStart = "PRI * HTTP/2.0\r\n\r\n"

// isHTTP2Preface reports whether a request is the beginning of HTTP/2 on a connection without TLS (prior knowledge).
func isHTTP2Preface(r *http.Request) bool {
	return r.Method == "PRI" && r.URL.Path == "*" && r.Proto == "HTTP/2.0" && len(r.Header) == 0
}

// switchToHTTP2 serves the connection on which the preface was received.
func (s *Server) switchToHTTP2(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // net/http has closed it
	}
	s.serveHTTP2(conn, bufio.NewReader(io.MultiReader(strings.NewReader(prefaceStart), buffered)))
}

// serveHTTP2TLS is called by net/http for a connection on which TLS has agreed on HTTP/2.
func (s *Server) serveHTTP2TLS(_ *http.Server, conn *tls.Conn, _ http.Handler) {
	s.serveHTTP2(conn, bufio.NewReader(conn))
}

// serveHTTP2 serves a connection until it and its streams have ended.
func (s *Server) serveHTTP2(conn net.Conn, in *bufio.Reader) {
	c := http2.NewServer(conn, in, http2.ServerOptions{PrefaceTimeout: headerTimeout, IdleTimeout: s.options.idle})
	if !s.addHTTP2(c) {
		conn.Close()
		return
	}
	defer s.removeHTTP2(c)
	if err := c.Serve(s.serveStream); err != nil {
		s.log.errorLog().Print(err)
	}
}

// serveStream serves a request of HTTP/2.
func (s *Server) serveStream(stream *http2.Stream) {
	w := &http2Response{stream: stream, header: http.Header{}, bodiless: stream.Request.Method == http.MethodHead}
	s.serveExtended(&extended{ResponseWriter: w, hijack: w.hijack}, stream.Request, stream.Protocol)
	w.WriteHeader(http.StatusOK) // unless a header was written
}

// http2Response writes a response.
type http2Response struct {
	stream   *http2.Stream
	header   http.Header
	wrote    bool // the header was written, or the stream was hijacked
	bodiless bool // the response to a HEAD request
}

func (w *http2Response) Header() http.Header { return w.header }

func (w *http2Response) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	w.stream.Respond(status, w.header) // an error ends the connection
}

func (w *http2Response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.bodiless {
		return len(p), nil
	}
	return w.stream.Write(p)
}

func (w *http2Response) hijack() (net.Conn, error) {
	w.wrote = true
	return w.stream, nil
}

// tlsConfig returns the configuration for connections over TCP and unix sockets.
func (o Options) tlsConfig(certificate tls.Certificate) *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if o.HTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	return config
}

// addHTTP2 counts a connection, and reports whether it may be used: it may not while the server is closing.
func (s *Server) addHTTP2(c *http2.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.conns[c] = struct{}{}
	s.active.Add(1)
	return true
}

func (s *Server) removeHTTP2(c *http2.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.active.Done()
}
