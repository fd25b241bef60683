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

// limitWriteBuffer bounds the size of the write buffer in the kernel.
func (s *stream) limitWriteBuffer(size int) {
	transport := s.Conn
	if secured, ok := transport.(*tls.Conn); ok {
		transport = secured.NetConn()
	}
	if socket, ok := transport.(interface{ SetWriteBuffer(int) error }); ok { // streams of HTTP/2 and HTTP/3 have a window instead
		socket.SetWriteBuffer(size)
	}
}
