package server

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// streamWindow is how many bytes a client may send on a stream before they are read.
const streamWindow = 1 << 20

// http3Server serves HTTP/3 (RFC 9114), with the extended CONNECT of RFC 9220, on a socket.
type http3Server struct {
	*http3.Server
	socket net.PacketConn
	ended  chan struct{} // closed when no connection is accepted any more
}

// listenHTTP3 serves HTTP/3 on a socket until close is called.
func (s *Server) listenHTTP3(socket net.PacketConn, certificate tls.Certificate) *http3Server {
	h := &http3Server{s.newHTTP3(certificate), socket, make(chan struct{})}
	go func() {
		defer close(h.ended)
		if err := h.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			s.log.errorLog().Print(err)
		}
	}()
	return h
}

// close ends all connections and closes the socket.
func (h *http3Server) close() {
	h.Close()
	<-h.ended
	h.socket.Close()
}

func (s *Server) newHTTP3(certificate tls.Certificate) *http3.Server {
	return &http3.Server{
		Handler:        http.HandlerFunc(s.serveHTTP3Request),
		MaxHeaderBytes: 64 << 10,
		IdleTimeout:    s.options.idle,
		TLSConfig:      http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}),
		QUICConfig: &quic.Config{
			MaxIncomingStreams:         1000,
			InitialStreamReceiveWindow: streamWindow,
			MaxStreamReceiveWindow:     streamWindow,
			KeepAlivePeriod:            10 * time.Second,
		},
	}
}

// serveHTTP3Request serves a request of HTTP/3.
func (s *Server) serveHTTP3Request(w http.ResponseWriter, r *http.Request) {
	protocol := ""
	if r.Method == http.MethodConnect && r.Proto == "websocket" { // quic-go has the protocol of an extended CONNECT in Proto
		protocol, r.Proto = r.Proto, "HTTP/3.0"
	}
	s.serveExtended(&extended{ResponseWriter: w, hijack: func() (net.Conn, error) { return hijackHTTP3(w, r) }}, r, protocol)
}

// http3Stream is a stream that carries a WebSocket.
type http3Stream struct {
	*http3.Stream
	local, remote net.Addr
	writing       sync.Mutex // held during a Write: quic-go allows no Close meanwhile. Close does not wait for it, but cancels the Write
}

func hijackHTTP3(w http.ResponseWriter, r *http.Request) (net.Conn, error) {
	stream, err := w.(http3.HTTPStreamer).HTTPStream()
	if err != nil {
		return nil, err
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	remote, _ := r.Context().Value(http3.RemoteAddrContextKey).(net.Addr)
	return &http3Stream{Stream: stream, local: local, remote: remote}, nil
}

func (s *http3Stream) Write(p []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.Stream.Write(p)
}

// CloseWrite ends the sending side.
func (s *http3Stream) CloseWrite() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.Stream.Close()
}

// Close ends the stream; a Read or Write in progress returns. Written data is still delivered.
func (s *http3Stream) Close() error {
	s.CancelRead(quic.StreamErrorCode(http3.ErrCodeNoError))
	if !s.writing.TryLock() {
		s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
		return nil
	}
	defer s.writing.Unlock()
	return s.Stream.Close()
}

// Reset resets the stream; written data may be lost.
func (s *http3Stream) Reset() {
	s.CancelRead(quic.StreamErrorCode(http3.ErrCodeInternalError))
	s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeInternalError))
}

// LocalAddr returns the local address of the connection.
func (s *http3Stream) LocalAddr() net.Addr { return s.local }

// RemoteAddr returns the address of the client.
func (s *http3Stream) RemoteAddr() net.Addr { return s.remote }
