// Package servertest is a WebSocket server that misbehaves as it is asked to, by request path: what clients are
// tested against. Misbehaviours lists the paths.
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
	rows     map[string]Misbehaviour
	closed   chan struct{} // closed by Close: who sleeps wakes up
	running  sync.WaitGroup

	mu       sync.Mutex // guards what follows
	conns    map[net.Conn]struct{}
	received map[string][]Message // by ?id=
	visits   map[string]int       // by ?id=, for paths that behave differently later
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
		rows:     map[string]Misbehaviour{},
		closed:   make(chan struct{}),
		conns:    map[net.Conn]struct{}{},
		received: map[string][]Message{},
		visits:   map[string]int{},
	}
	for _, row := range Misbehaviours() {
		s.rows[row.Path] = row
	}
	s.running.Go(s.accept)
	return s, nil
}

// Addr is host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is where a path is reached, such as URL("/close?code=4000").
func (s *Server) URL(path string) string { return "ws://" + s.Addr() + path }

// Received is what /record has received under an id, so far.
func (s *Server) Received(id string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.received[id]...)
}

// Close drops all connections and waits until nothing runs any more.
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
		if s.enter(conn) {
			s.running.Go(func() { s.visit(conn) })
		}
	}
}

func (s *Server) enter(conn net.Conn) bool {
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

// visit answers requests until one is misbehaved to, which takes the connection over.
func (s *Server) visit(conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	in := bufio.NewReader(conn)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	v := &visit{server: s, conn: conn.(*net.TCPConn), in: in, out: bufio.NewWriterSize(conn, 64<<10),
		request: request, query: request.URL.Query()}
	row, known := s.rows[request.URL.Path]
	if !known {
		v.respond(http.StatusNotFound, nil, "no such misbehaviour: "+request.URL.Path+"\n")
		return
	}
	row.do(v)
	v.out.Flush()
}

// count tells how often an id has come here, from 1.
func (s *Server) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits[id]++
	return s.visits[id]
}

func (s *Server) record(id string, m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[id] = append(s.received[id], m)
}
