package load

import (
	"bytes"
	"context"
	"net"
	"sync"

	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
)

// peer is the server's side of a connection.
type peer struct {
	*wire.Conn
	n int // number of the connection, from 0
}

func (p *peer) send(payload []byte) {
	p.WriteMessage(wire.Text, payload)
	p.Flush()
}

// testServer answers what it receives with handle, one message of a connection after the other. It is reached over a
// net.Pipe, so that in a bubble of synctest only the sleeping of handle takes time.
type testServer struct {
	handle  func(p *peer, payload []byte)
	opened  func(p *peer)    // called when a connection is open; nil = it is not called
	dialect *dialect.Dialect // nil = none

	serving sync.WaitGroup

	mu    sync.Mutex // guards the field below
	peers []*peer
}

// dial opens a connection.
func (s *testServer) dial(_ context.Context, n int) (Opened, error) {
	near, far := net.Pipe()
	p := &peer{wire.NewConn(far, wire.Options{Server: true}), n}
	s.mu.Lock()
	s.peers = append(s.peers, p)
	s.mu.Unlock()
	s.serving.Go(func() { s.serve(p) }) // ended by the client's Close
	return Opened{Conn: &dial.Conn{Stream: near, Handshake: &dial.Handshake{}}, State: s.state()}, nil
}

// state begins a session in the dialect.
func (s *testServer) state() *dialect.State {
	if s.dialect == nil {
		return nil
	}
	state, err := s.dialect.Start(nil)
	if err != nil {
		panic(err)
	}
	return state
}

func (s *testServer) serve(p *peer) {
	defer p.Close()
	received := make(chan []byte, 1<<16)
	var handling sync.WaitGroup
	defer handling.Wait()
	defer close(received)
	handling.Go(func() {
		if s.opened != nil {
			s.opened(p)
		}
		for payload := range received {
			s.handle(p, payload)
		}
	})
	for {
		fragment, err := p.Next()
		if err != nil {
			return
		}
		switch fragment.Opcode {
		case wire.Close:
			p.WriteControl(wire.Close, fragment.Payload)
			p.Flush()
			return
		case wire.Text, wire.Binary:
			received <- bytes.Clone(fragment.Payload)
		}
	}
}

// all returns the connections so far.
func (s *testServer) all() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*peer(nil), s.peers...)
}
