package servertest

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// Server listens on loopback until Close.
type Server struct {
	*acceptor
	behaviors map[string]Behavior // by path

	mu       sync.Mutex           // guards the fields below
	received map[string][]Message // by ?id=
	counts   map[string]int       // number of connections, by ?id=
}

// Behavior is what the server does at one path.
type Behavior struct {
	Path string
	Help string // what it does, and its query parameters

	do func(*conn)
}

// conn is one connection of a client, and its request. After a write error, later writes do nothing.
type conn struct {
	server  *Server
	tcp     *net.TCPConn
	in      *bufio.Reader
	out     *bufio.Writer
	request *http.Request
	query   url.Values
}

// URL returns the address of a path, such as URL("/close?code=4000").
func (s *Server) URL(path string) string { return "ws://" + s.Addr() + path }

// Received returns what /record has received under an id so far.
func (s *Server) Received(id string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.received[id]...)
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

// Message is a message or control frame that /record received.
type Message struct {
	Type    string // text, binary, ping, pong or close
	Payload []byte // of a close: code and reason, as on the wire
}

// String returns the message's type and payload; of a close: its code and reason.
func (m Message) String() string {
	payload := string(m.Payload)
	if m.Type == "close" && len(payload) >= 2 {
		return strings.TrimSpace(fmt.Sprintf("close %d %s", int(payload[0])<<8|int(payload[1]), plain(payload[2:])))
	}
	return strings.TrimSpace(m.Type + " " + plain(payload))
}

func plain(s string) string {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == unicode.ReplacementChar {
			return strconv.Quote(s)
		}
	}
	return s
}
