package client

import (
	"sync"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// link is one connection of a session. One that was lost is followed by another, if Options.Reconnect says so.
type link struct {
	*wire.Conn
	up     *dial.Conn
	opened time.Time
	gone   chan struct{}  // closed when it is
	busy   sync.WaitGroup // goroutines that end when it is closed
	effort effort
	probes probes

	mu    sync.Mutex // guards what follows
	cause error      // why we cut it; nil = we did not
}

// newLink makes frames of a stream.
func (s *Session) newLink(up *dial.Conn) *link {
	l := &link{up: up, opened: time.Now(), gone: make(chan struct{})}
	stream := up.Stream
	if s.options.PingTimeout > 0 {
		l.effort.ReadWriteCloser, l.effort.clock = up.Stream, s.ear.clock
		stream = &l.effort
	}
	l.Conn = wire.NewConn(stream, wire.Options{
		Server:     up.Handshake.Accepted,
		Deflate:    up.Deflate,
		MaxMessage: s.options.MaxMessage,
		Idle:       s.idle,
		Awake:      s.awake,
		Trace:      s.tracer(),
	})
	return l
}

// where is whom it leads to, for errors.
func (l *link) where() string {
	if l.accepted() {
		return "the client at " + l.up.Handshake.Remote
	}
	return l.up.Handshake.URL
}

// accepted says whether the other side is a client.
func (l *link) accepted() bool { return l.up.Handshake.Accepted }

// cut closes the stream because of err.
func (l *link) cut(err error) {
	l.mu.Lock()
	if l.cause == nil {
		l.cause = err
	}
	l.mu.Unlock()
	l.Close()
}

// cutBecause is why we cut it, or err if we did not.
func (l *link) cutBecause(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		return l.cause
	}
	return err
}

// hangUp closes the stream, and waits for all who worked with it.
func (l *link) hangUp() {
	l.Close()
	close(l.gone)
	l.busy.Wait()
}
