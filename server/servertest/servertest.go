// Package servertest is a WebSocket server that behaves as the request path demands, for tests of clients:
// Behaviors lists the paths. It also has an echo server with one fault at a time, for tests of wsx check: Faults lists them.
package servertest

import (
	"bufio"
	"net"
	"net/http"
)

// Test is the part of testing.TB that Start needs; a testscript has it too.
type Test interface {
	Fatal(...any)
	Cleanup(func())
}

// Start listens until the test ends.
func Start(t Test) *Server {
	s, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Listen picks a port on loopback and serves until Close.
func Listen() (*Server, error) {
	a, err := newAcceptor()
	if err != nil {
		return nil, err
	}
	s := &Server{acceptor: a, behaviors: map[string]Behavior{}, received: map[string][]Message{}, counts: map[string]int{}}
	for _, b := range Behaviors() {
		s.behaviors[b.Path] = b
	}
	s.serve(s.handle)
	return s, nil
}

// handle reads one request; its behavior has the connection until it returns.
func (s *Server) handle(tcp net.Conn) {
	in := bufio.NewReader(tcp)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	c := &conn{server: s, tcp: tcp.(*net.TCPConn), in: in, out: bufio.NewWriterSize(tcp, 64<<10),
		request: request, query: request.URL.Query()}
	b, known := s.behaviors[request.URL.Path]
	if !known {
		c.respond(http.StatusNotFound, nil, "no such path: "+request.URL.Path+"\n")
		return
	}
	b.do(c)
	c.out.Flush()
}
