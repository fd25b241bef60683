// Package servertest is a WebSocket server that behaves as the request path says, for tests of clients:
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
	listener net.Listener
	rows     map[string]Behavior
	closed   chan struct{} // closed by Close
	running  sync.WaitGroup

	mu       sync.Mutex // guards what follows
	conns    map[net.Conn]struct{}
	received map[string][]Message // by ?id=
	counts   map[string]int       // connections, by ?id=
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		listener: listener,
		rows:     map[string]Behavior{},
		closed:   make(chan struct{}),
		conns:    map[net.Conn]struct{}{},
		received: map[string][]Message{},
		counts:   map[string]int{},
	}
	for _, row := range Behaviors() {
		s.rows[row.Path] = row
	}
	s.running.Go(s.accept)
	return s, nil
}

// Addr returns host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns the address of a path, such as URL("/close?code=4000").
func (s *Server) URL(path string) string { return "ws://" + s.Addr() + path }

// Received returns what /record has received under an id so far.
func (s *Server) Received(id string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.received[id]...)
}

// Close drops all connections and waits until all goroutines have ended.
func (s *Server) Close() {
	close(s.closed)
	s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		if s.add(conn) {
			s.running.Go(func() { s.handle(conn) })
		}
	}
}

func (s *Server) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		conn.Close()
		return false
	default:
		s.conns[conn] = struct{}{}
		return true
	}
}

// handle answers one request, and its behavior has the connection until it returns.
func (s *Server) handle(tcp net.Conn) {
	defer func() {
		tcp.Close()
		s.mu.Lock()
		delete(s.conns, tcp)
		s.mu.Unlock()
	}()
	in := bufio.NewReader(tcp)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	c := &conn{server: s, tcp: tcp.(*net.TCPConn), in: in, out: bufio.NewWriterSize(tcp, 64<<10),
		request: request, query: request.URL.Query()}
	row, known := s.rows[request.URL.Path]
	if !known {
		c.respond(http.StatusNotFound, nil, "no such path: "+request.URL.Path+"\n")
		return
	}
	row.do(c)
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
