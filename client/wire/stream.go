package wire

import (
	"bufio"
	"net"
)

// Stream is a connection whose first bytes may have been read together with the HTTP response.
type Stream struct {
	net.Conn
	Early *bufio.Reader // has those bytes; nil once it is empty
}

func (s *Stream) Read(p []byte) (int, error) {
	if s.Early == nil {
		return s.Conn.Read(p)
	}
	n := min(len(p), s.Early.Buffered())
	if n == 0 && len(p) > 0 {
		s.Early = nil
		return s.Conn.Read(p)
	}
	return s.Early.Read(p[:n])
}

// CloseWrite ends the sending direction, if the connection supports that.
func (s *Stream) CloseWrite() error {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
