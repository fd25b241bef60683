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

// http3Server serves HTTP/3 (RFC 9114), with the extended CONNECT of RFC 9220, on a socket.
type http3Server struct {
	*http3.Server
	socket net.PacketConn
	ended  chan struct{} // closed when nothing is accepted any more
}

// serveHTTP3 serves until close.
func serveHTTP3(s *Server, socket net.PacketConn, certificate tls.Certificate) *http3Server {
	h := &http3Server{newHTTP3(s, certificate), socket, make(chan struct{})}
	go func() {
		defer close(h.ended)
		if err := h.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			s.journal.faults().Print(err)
		}
	}()
	return h
}

// close ends all connections.
func (h *http3Server) close() {
	h.Close()
	<-h.ended
	h.socket.Close()
}

func newHTTP3(s *Server, certificate tls.Certificate) *http3.Server {
	return &http3.Server{
		Handler:        http.HandlerFunc(s.answerHTTP3),
		MaxHeaderBytes: http2Fields,
		TLSConfig:      http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}),
		QUICConfig: &quic.Config{
			MaxIncomingStreams:         http2Streams,
			InitialStreamReceiveWindow: http2Window,
			MaxStreamReceiveWindow:     http2Window,
			KeepAlivePeriod:            10 * time.Second,
		},
	}
}

// answerHTTP3 is ServeHTTP for a request of HTTP/3.
func (s *Server) answerHTTP3(w http.ResponseWriter, r *http.Request) {
	shown := &extended{ResponseWriter: w, take: func() (net.Conn, error) { return takeHTTP3(w, r) }}
	switch {
	case r.Method == http.MethodConnect && r.Proto == "websocket":
		r.Proto = "HTTP/3.0"
		asUpgrade(r)
		s.ServeHTTP(shown, r)
	case r.Method == http.MethodConnect:
		shown.WriteHeader(http.StatusNotImplemented) // RFC 9220, 3
	default:
		s.ServeHTTP(shown, r)
	}
}

// http3Stream is a stream that carries a WebSocket.
type http3Stream struct {
	*http3.Stream
	local, remote net.Addr
	writing       sync.Mutex
}

func takeHTTP3(w http.ResponseWriter, r *http.Request) (net.Conn, error) {
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

// Close ends the stream: reads and writes under way end too, and what was written is still delivered.
func (s *http3Stream) Close() error {
	s.CancelRead(quic.StreamErrorCode(http3.ErrCodeNoError))
	if !s.writing.TryLock() {
		s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
		return nil
	}
	defer s.writing.Unlock()
	return s.Stream.Close()
}

// Reset breaks the stream off, whatever was or was not said on it.
func (s *http3Stream) Reset() {
	s.CancelRead(quic.StreamErrorCode(http3.ErrCodeInternalError))
	s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeInternalError))
}

// LocalAddr is the connection's.
func (s *http3Stream) LocalAddr() net.Addr { return s.local }

// RemoteAddr is the connection's.
func (s *http3Stream) RemoteAddr() net.Addr { return s.remote }
