// Package server is a small WebSocket server to talk to: it echoes, tells the time, or lets people chat.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// headerTimeout bounds how long a client may take for its request, TLS handshake included.
const headerTimeout = 10 * time.Second

// shuttingDown is what Shutdown says.
var shuttingDown = farewell{websocket.StatusGoingAway, "the server is shutting down"}

// Server listens and serves from Listen until Shutdown.
type Server struct {
	options     Options
	listener    net.Listener
	http        *http.Server
	http3       *http3Server // nil = HTTP/3 is not spoken
	fingerprint string       // of a certificate made on the spot
	journal     *journal
	behave      func(*session) error
	ended       chan struct{} // closed when nothing is accepted any more
	err         error         // why; read after ended

	mu       sync.Mutex // guards what follows
	sessions map[*session]struct{}
	carriers map[*http2Conn]struct{}
	count    int
	closing  bool
	cutting  bool           // nobody's answer is waited for any more
	left     sync.WaitGroup // requests for a WebSocket that have not ended, with the session that came of them
}

// Listen binds the address and serves in the background until Shutdown; ctx bounds the binding only.
// What it refuses is an *Error: a behaviour or an origin that does not exist, an address in use, a bad certificate.
func Listen(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	chosen, err := o.check()
	if err != nil {
		return nil, err
	}
	certificate, err := o.TLS.certificate(o.Addr, o.Now())
	if err != nil {
		return nil, err
	}
	listener, socket, err := o.listen(ctx)
	if err != nil {
		return nil, listenError(o.Addr, err)
	}
	s := &Server{
		options:  o,
		listener: listener,
		journal:  newJournal(o.Log, o.JSON, o.Now),
		behave:   chosen.start(o),
		ended:    make(chan struct{}),
		sessions: map[*session]struct{}{},
		carriers: map[*http2Conn]struct{}{},
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout, ErrorLog: s.journal.faults()}
	if certificate != nil {
		s.fingerprint = fingerprint(*certificate)
		listener = tls.NewListener(listener, o.tlsConfig(*certificate))
	}
	if socket != nil {
		s.http3 = serveHTTP3(s, socket, *certificate)
	}
	if o.HTTP2 {
		s.http.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": s.takeHTTP2}
	}
	go s.serve(listener) // ended by Shutdown
	return s, nil
}

func (s *Server) serve(l net.Listener) {
	defer close(s.ended)
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.err = err
	}
}

// Addr is the address bound, with the port picked if the one asked for was 0.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is where clients reach the server, as "ws://127.0.0.1:8080/"; a wildcard address is given as localhost.
func (s *Server) URL() string {
	scheme := "ws://"
	if s.options.TLS.wanted() {
		scheme = "wss://"
	}
	address := s.listener.Addr().(*net.TCPAddr)
	if !address.IP.IsUnspecified() {
		return scheme + address.String() + "/"
	}
	_, port, _ := net.SplitHostPort(address.String())
	return scheme + net.JoinHostPort("localhost", port) + "/"
}

// Fingerprint is the SHA-256 of the certificate in use, as "AB:CD:…"; "" without TLS.
func (s *Server) Fingerprint() string { return s.fingerprint }

// Done is closed when the server accepts no more clients, after Shutdown or because listening failed.
func (s *Server) Done() <-chan struct{} { return s.ended }

// Err says why listening failed; nil while it works and after Shutdown.
func (s *Server) Err() error {
	select {
	case <-s.ended:
		return s.err
	default:
		return nil
	}
}

// Shutdown stops listening, says Close 1001 to every client and waits for their answers.
// When ctx ends first, the connections that are left are cut and its error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.dismissAll()
	err := s.http.Shutdown(ctx)
	gone := make(chan struct{})
	go func() { // ends with the last session: each answers in time or is cut
		s.left.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		err = ctx.Err()
		s.cut()
		<-gone
	}
	if s.http3 != nil {
		s.http3.close()
	}
	<-s.ended
	return err
}

// dismissAll lets nobody in from now on, and says goodbye to all who are here.
func (s *Server) dismissAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	for one := range s.sessions {
		s.left.Go(func() { one.goodbye(shuttingDown) })
	}
	for c := range s.carriers {
		c.retire()
	}
}

// dismiss says goodbye to one, without waiting for the answer.
func (s *Server) dismiss(one *session, f farewell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, here := s.sessions[one]; here {
		s.left.Go(func() { one.goodbye(f) })
	}
}

// cut drops every connection that is left, without a Close.
func (s *Server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutting = true
	for one := range s.sessions {
		one.cut()
	}
	for c := range s.carriers {
		c.cut()
	}
	s.http.Close()
}

// begin counts a request for a WebSocket, before it is answered: Shutdown waits for who has begun, as the client may know
// that it is let in before we do. false = the server is closing.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.left.Add(1)
	return true
}

// enter gives a session a number, from 1. To one for whom the server has begun to close meanwhile it says goodbye.
func (s *Server) enter(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	one.id = s.count
	s.sessions[one] = struct{}{}
	switch {
	case s.cutting:
		one.cut()
	case s.closing:
		s.left.Go(func() { one.goodbye(shuttingDown) })
	}
}

func (s *Server) leave(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, one)
}
