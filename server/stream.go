package server

import (
	"crypto/tls"
	"sync/atomic"
	"time"
	"wsx/client/wire"
)

// stream is a connection after its opening handshake.
type stream struct {
	*wire.Stream
	stall *time.Timer  // runs while something is written; nil = a write may take for ever
	limit atomic.Int64 // of stall, in nanoseconds
}

func (s *stream) Write(p []byte) (int, error) {
	if s.stall == nil {
		return s.Stream.Write(p)
	}
	s.stall.Reset(time.Duration(s.limit.Load()))
	defer s.stall.Stop()
	return s.Stream.Write(p)
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
