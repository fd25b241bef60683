package server

import (
	"bufio"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// stream is a connection after its opening handshake.
type stream struct {
	net.Conn
	early *bufio.Reader // holds what was read together with the request; nil once it is empty
	stall *time.Timer   // runs while something is written; nil = a write may take for ever
	limit atomic.Int64  // of stall, in nanoseconds
}

func (s *stream) Read(p []byte) (int, error) {
	if s.early == nil {
		return s.Conn.Read(p)
	}
	n := min(len(p), s.early.Buffered())
	if n == 0 && len(p) > 0 {
		s.early = nil
		return s.Conn.Read(p)
	}
	return s.early.Read(p[:n])
}

func (s *stream) Write(p []byte) (int, error) {
	if s.stall == nil {
		return s.Conn.Write(p)
	}
	s.stall.Reset(time.Duration(s.limit.Load()))
	defer s.stall.Stop()
	return s.Conn.Write(p)
}

// onStall has stalled called when the peer does not read for so long that a write has to wait. Call it before anything is
// written.
func (s *stream) onStall(limit time.Duration, stalled func()) {
	s.limit.Store(int64(limit))
	s.stall = time.AfterFunc(limit, stalled)
	s.stall.Stop()
}

// limitKernel bounds how many bytes the kernel holds of what was written.
func (s *stream) limitKernel(size int) {
	below := s.Conn
	if secured, ok := below.(*tls.Conn); ok {
		below = secured.NetConn()
	}
	if kernel, ok := below.(interface{ SetWriteBuffer(int) error }); ok { // a stream of HTTP/2 or HTTP/3 has a window instead
		kernel.SetWriteBuffer(size)
	}
}

// CloseWrite tells the peer that nothing more comes, where the connection can.
func (s *stream) CloseWrite() error {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
