package client

import (
	"sync"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// conn is one connection of a session. After a loss another follows, with Options.Reconnect.
type conn struct {
	*wire.Conn
	dialed   *dial.Conn
	opened   time.Time
	closed   chan struct{}  // closed when the connection is
	busy     sync.WaitGroup // goroutines that end when it is closed
	progress progressStream
	probes   probes

	mu    sync.Mutex // guards the fields below
	cause error      // why we cut it; nil = it was not cut
}

// newConn returns a connection that reads and writes frames on a stream.
func (s *Session) newConn(up *dial.Conn) *conn {
	l := &conn{dialed: up, opened: time.Now(), closed: make(chan struct{})}
	stream := up.Stream
	if s.options.PingTimeout > 0 {
		l.progress.ReadWriteCloser, l.progress.clock = up.Stream, s.activity.clock
		stream = &l.progress
	}
	l.Conn = wire.NewConn(stream, wire.Options{
		Server:     up.Handshake.Accepted,
		Deflate:    up.Deflate,
		MaxMessage: s.options.MaxMessage,
		BeforeRead: s.beforeRead,
		AfterRead:  s.afterRead,
		Trace:      s.tracer(),
	})
	return l
}

// writeMessage writes a message in frames of a size, the last one shorter, or in one frame if size is 0.
func (l *conn) writeMessage(t Type, data []byte, size int) error {
	if size <= 0 || len(data) <= size {
		return l.WriteMessage(t, data)
	}
	for first := true; ; first = false {
		fragment := data[:min(size, len(data))]
		data = data[len(fragment):]
		if err := l.WriteFragment(t, fragment, first, len(data) == 0); err != nil || len(data) == 0 {
			return err
		}
	}
}

// peerName returns how errors name the other side.
func (l *conn) peerName() string {
	if l.accepted() {
		return "the client at " + l.dialed.Handshake.Remote
	}
	return l.dialed.Handshake.URL
}

// accepted reports whether the other side is a client.
func (l *conn) accepted() bool { return l.dialed.Handshake.Accepted }

// cut closes the stream because of err.
func (l *conn) cut(err error) {
	l.mu.Lock()
	if l.cause == nil {
		l.cause = err
	}
	l.mu.Unlock()
	l.Close()
}

// cutBecause returns why the connection was cut, or err if it was not.
func (l *conn) cutBecause(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		return l.cause
	}
	return err
}

// closeAndWait closes the stream, and waits for all goroutines that use it.
func (l *conn) closeAndWait() {
	l.Close()
	close(l.closed)
	l.busy.Wait()
}
