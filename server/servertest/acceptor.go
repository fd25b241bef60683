package servertest

import (
	"maps"
	"net"
	"slices"
	"sync"
)

// acceptor accepts connections on a loopback port until Close.
type acceptor struct {
	listener net.Listener
	closed   chan struct{} // closed by Close
	running  sync.WaitGroup

	mu    sync.Mutex // guards the field below
	conns map[net.Conn]struct{}
}

func newAcceptor() (*acceptor, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &acceptor{listener: listener, closed: make(chan struct{}), conns: map[net.Conn]struct{}{}}, nil
}

// Addr returns host and port.
func (a *acceptor) Addr() string { return a.listener.Addr().String() }

// Close drops all connections and waits until all goroutines have ended.
func (a *acceptor) Close() {
	close(a.closed)
	a.listener.Close()
	a.dropAll()
	a.running.Wait()
}

// dropAll closes the connections that are open.
func (a *acceptor) dropAll() {
	a.mu.Lock()
	conns := slices.Collect(maps.Keys(a.conns))
	a.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
	}
}

// serve starts a goroutine that accepts connections and calls a function for each, in a goroutine of its own.
func (a *acceptor) serve(handle func(net.Conn)) {
	a.running.Go(func() {
		for {
			conn, err := a.listener.Accept()
			if err != nil {
				return // closed
			}
			if !a.add(conn) {
				conn.Close()
				continue
			}
			a.running.Go(func() {
				defer a.remove(conn)
				handle(conn)
			})
		}
	})
}

// add adds a connection, and reports whether the server is open: Close has not been called.
func (a *acceptor) add(conn net.Conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.closed:
		return false
	default:
		a.conns[conn] = struct{}{}
		return true
	}
}

func (a *acceptor) remove(conn net.Conn) {
	conn.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.conns, conn)
}
