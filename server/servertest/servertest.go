// Package servertest is a WebSocket server that behaves as the request path demands, for tests of clients:
// Behaviors lists the paths. It also has an echo server with one fault at a time, for tests of wsx check: Faults lists them.
package servertest

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// Server listens on loopback until Close.
type Server struct {
	*acceptor
	behaviors map[string]Behavior // by path

	mu       sync.Mutex           // guards the fields below
	received map[string][]Message // by ?id=
	counts   map[string]int       // number of connections, by ?id=
}

// Message is a message or control frame that /record received.
type Message struct {
	Type    string // text, binary, ping, pong or close
	Payload []byte // of a close: code and reason, as on the wire
}

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

// URL returns the address of a path, such as URL("/close?code=4000").
func (s *Server) URL(path string) string { return "ws://" + s.Addr() + path }

// Received returns what /record has received under an id so far.
func (s *Server) Received(id string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.received[id]...)
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

// countConn returns how many connections of an id there were, this one included.
func (s *Server) countConn(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[id]++
	return s.counts[id]
}

func (s *Server) record(id string, m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[id] = append(s.received[id], m)
}
