package dial

import (
	"net"
	"sync/atomic"

	"github.com/quic-go/quic-go/http3"
)

// http3Stream is one WebSocket over HTTP/3, on a connection of its own.
type http3Stream struct {
	*http3.RequestStream
	conn   *quicConn
	closed atomic.Bool // by us
}

func (s *http3Stream) Read(p []byte) (int, error) {
	n, err := s.RequestStream.Read(p)
	return n, s.explain(err)
}

func (s *http3Stream) Write(p []byte) (int, error) {
	n, err := s.RequestStream.Write(p)
	return n, s.explain(err)
}

// CloseWrite ends the sending side: it stands for the end of a TCP stream (RFC 9220, 3).
func (s *http3Stream) CloseWrite() error { return s.RequestStream.Close() }

// Close ends the stream and its connection.
func (s *http3Stream) Close() error {
	s.closed.Store(true)
	return s.conn.Close()
}

func (s *http3Stream) explain(err error) error {
	if err != nil && s.closed.Load() {
		return net.ErrClosed
	}
	return http3Error(err)
}
