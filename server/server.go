// Package server is a small WebSocket server to try clients with: echo, broadcast, clock and chat, and a page for browsers.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"wsx/http2"
	"wsx/listener"
)

const (
	headerTimeout = 10 * time.Second // for the header of a request, including the TLS handshake
	pageTimeout   = time.Minute      // for a request that does not open a WebSocket, and for its response
	idleTimeout   = time.Minute      // for a connection that waits for the next request or has no stream
)

// shuttingDown is what Shutdown sends.
var shuttingDown = closeFrame{closeGoingAway, "the server is shutting down"}

// Server listens and serves from Listen until Shutdown.
type Server struct {
	options     Options
	listener    net.Listener
	http        *http.Server
	http3       *http3Server // nil = HTTP/3 is not served
	fingerprint string       // of a self-signed certificate
	log         *accessLog
	behave      func() func(*peer) error // see Behaviour
	page        page
	ended       chan struct{} // closed when no client is accepted any more
	err         error         // why it ended; read after ended is closed

	mu       sync.Mutex // guards the fields below
	peers    map[*peer]struct{}
	conns    map[*http2.Conn]struct{}
	count    int // number of peers so far; the id of the last one
	closing  bool
	dropping bool           // Close frames are not awaited any more
	active   sync.WaitGroup // opening handshakes, peers and HTTP/2 connections that have not ended
}

// Listen binds the address and serves in the background until Shutdown; ctx bounds the binding only.
// Its errors are *Error: an invalid option, an address in use, an unusable certificate.
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
	bound, socket, err := o.listen(ctx)
	if err != nil {
		return nil, listenError(o.Addr, err)
	}
	s := &Server{
		options:  o,
		listener: bound,
		log:      newAccessLog(o.Log, o.JSON, o.Now),
		behave:   chosen.start(o),
		page:     newPage(o),
		ended:    make(chan struct{}),
		peers:    map[*peer]struct{}{},
		conns:    map[*http2.Conn]struct{}{},
	}
	s.http = &http.Server{
		Handler: s, ErrorLog: s.log.errorLog(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: pageTimeout, WriteTimeout: pageTimeout, IdleTimeout: o.idle,
	}
	if certificate != nil {
		s.fingerprint = fingerprint(*certificate)
		bound = tls.NewListener(bound, o.tlsConfig(*certificate))
	}
	if socket != nil {
		s.http3 = s.listenHTTP3(socket, *certificate)
	}
	if o.HTTP2 {
		s.http.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": s.serveHTTP2TLS}
	}
	go s.serve(bound) // ended by Shutdown
	return s, nil
}

func (s *Server) serve(l net.Listener) {
	defer close(s.ended)
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.err = err
	}
}

// Addr returns the bound address, with the actual port if the option was 0.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL returns the URL of the server, as "ws://127.0.0.1:8080/"; see listener.URL.
func (s *Server) URL() string { return listener.URL(s.listener.Addr(), s.options.TLS.enabled()) }

// Fingerprint returns the SHA-256 of the certificate, as "AB:CD:…"; "" without TLS.
func (s *Server) Fingerprint() string { return s.fingerprint }

// Done returns a channel that is closed when the server accepts no more clients, after Shutdown or because listening failed.
func (s *Server) Done() <-chan struct{} { return s.ended }

// Err returns why listening failed; nil while it works and after Shutdown.
func (s *Server) Err() error {
	select {
	case <-s.ended:
		return s.err
	default:
		return nil
	}
}

// Shutdown stops listening, sends Close 1001 to every client and waits for their answers.
// If ctx ends first, the remaining connections are dropped and its error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closeAll()
	err := s.http.Shutdown(ctx)
	allEnded := make(chan struct{})
	go func() { // ends with the last peer: each answers in time or is dropped
		s.active.Wait()
		close(allEnded)
	}()
	select {
	case <-allEnded:
	case <-ctx.Done():
		err = ctx.Err()
		s.dropAll()
		<-allEnded
	}
	if s.http3 != nil {
		s.http3.close()
	}
	<-s.ended
	return err
}

// closeAll stops accepting clients, and begins the closing handshake with all that are connected.
func (s *Server) closeAll() {
	s.mu.Lock()
	s.closing = true
	peers, conns := s.connected()
	s.mu.Unlock()
	for _, p := range peers {
		p.close(shuttingDown)
	}
	for _, c := range conns {
		c.Retire()
	}
}

// dropAll drops all remaining connections without a Close frame.
func (s *Server) dropAll() {
	s.mu.Lock()
	s.dropping = true
	peers, conns := s.connected()
	s.mu.Unlock()
	for _, p := range peers {
		p.drop()
	}
	for _, c := range conns {
		c.Abort()
	}
	s.http.Close()
}

// connected returns the peers and the connections of HTTP/2 that have not ended. The mutex is held.
func (s *Server) connected() ([]*peer, []*http2.Conn) {
	return slices.Collect(maps.Keys(s.peers)), slices.Collect(maps.Keys(s.conns))
}

// begin counts an opening handshake before it is answered, and reports whether it may be answered: not while the server is closing.
// Shutdown waits for it, as the client may know that it is connected before the server does.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.active.Add(1)
	return true
}

// add gives a peer a number, from 1. If the server is closing, it closes the peer.
func (s *Server) add(p *peer) {
	s.mu.Lock()
	s.count++
	p.id = s.count
	s.peers[p] = struct{}{}
	closing, dropping := s.closing, s.dropping
	s.mu.Unlock()
	switch {
	case dropping:
		p.drop()
	case closing:
		p.close(shuttingDown)
	}
}

func (s *Server) remove(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}
