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
	stall *time.Timer  // runs during a write; nil = writes have no limit
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

// onStall sets a function that is called when a write has blocked for the limit. It must be called before the first write.
func (s *stream) onStall(limit time.Duration, stalled func()) {
	s.limit.Store(int64(limit))
	s.stall = time.AfterFunc(limit, stalled)
	s.stall.Stop()
}

// limitKernel bounds the size of the kernel's write buffer.
func (s *stream) limitKernel(size int) {
	below := s.Conn
	if secured, ok := below.(*tls.Conn); ok {
		below = secured.NetConn()
	}
	if kernel, ok := below.(interface{ SetWriteBuffer(int) error }); ok { // streams of HTTP/2 and HTTP/3 have a window instead
		kernel.SetWriteBuffer(size)
	}
}
