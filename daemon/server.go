package daemon

import (
	"errors"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"wsx/client"
	"wsx/repl/input"
	"wsx/repl/render"
)

// Options describes the session of a server. All fields but Name may be zero.
type Options struct {
	Name   string
	URL    string        // without credentials
	As     string        // how the dialect was named; "" = no dialect
	Host   string        // HOST:PORT of the URL; "" = it has none
	Idle   time.Duration // close the session when no process has used it for this long; 0 = never
	Hinter render.Hinter
}

// Server serves the session of this process to other processes. For the session it is both the source of input lines and the
// renderer of events. The exported fields are set before the session is opened.
type Server struct {
	Login  bool                // the dialect logs in: the session is ready after that
	Opened func()              // called on its own goroutine when the session can be used
	Quit   func() bool         // closes the session at once
	Retry  func()              // ends the pause before the next attempt to connect
	Stats  func() client.Stats // of the session

	o         Options
	startedAt time.Time
	release   func() // frees the name
	listener  net.Listener
	tasks     chan *task
	ended     chan struct{} // closed when the session has ended
	ending    chan struct{} // closed when the server ends
	released  chan struct{} // closed when the name is free again
	work      sync.WaitGroup
	ready     sync.Once
	encoder   encoder // of the goroutine that calls Render

	mu       sync.Mutex // guards the fields below
	ring     *ring
	current  *task  // that the session works on; nil = none
	number   int    // of the last task
	open     []byte // the last open event
	remote   string // the address of the server that is connected to; "" = it is not connected to directly
	state    string
	endLines []byte // the lines about how the session ended; nil = it has not ended
	closing  bool   // a process has closed it
	conns    map[*conn]bool
	watchers int // number of conns that read from FromNow
	readers  map[string]*reader
	idle     *time.Timer
	login    *time.Timer // signals that the session is ready if the login takes long; nil = the session has not opened
}

// reader is the state of a named reader.
type reader struct {
	turn chan struct{} // holds a value while a connection reads as this reader
	at   position      // guarded by the server's mutex
}

// maxReaders is the largest number of named readers, besides the default one.
const maxReaders = 1000

// NewServer reserves the name of the session in a folder. The error is a *TakenError if an open session has it. A session that
// has ended is closed for good, which frees its name.
func NewServer(f Folder, o Options) (*Server, error) {
	release, err := f.claim(o.Name)
	if _, taken := errors.AsType[*TakenError](err); taken && f.closeEnded(o.Name) {
		release, err = f.claim(o.Name)
	}
	if err != nil {
		return nil, err
	}
	return &Server{
		o: o, startedAt: time.Now(), release: release, tasks: make(chan *task, 16), ended: make(chan struct{}), ending: make(chan struct{}), released: make(chan struct{}),
		encoder: encoder{json: render.JSON{Hinter: o.Hinter}}, ring: newRing(), state: StateOpen,
		conns: map[*conn]bool{}, readers: map[string]*reader{},
	}, nil
}

// closeEnded ends the process of a session that has already ended, and reports whether it did.
func (f Folder) closeEnded(name string) bool {
	status, err := f.Status(name)
	return err == nil && status.State == StateClosed && f.Close(name, nil) == nil
}

// Listen begins to serve processes.
func (s *Server) Listen(f Folder) error {
	listener, err := listenForUser(f.socket(s.o.Name))
	if err != nil {
		return err
	}
	s.listener = listener
	s.mu.Lock()
	s.startIdleTimer()
	s.mu.Unlock()
	s.work.Go(s.accept)
	return nil
}

// accept serves processes until the listener is closed.
func (s *Server) accept() {
	for {
		socket, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			select {
			case <-time.After(acceptPause): // for example, too many files are open
				continue
			case <-s.ending:
				return
			}
		}
		if !isSameUser(socket) {
			socket.Close()
			continue
		}
		s.serve(socket)
	}
}

// acceptPause is the pause after a failure to accept a process.
const acceptPause = 100 * time.Millisecond

// serve serves a process.
func (s *Server) serve(socket net.Conn) {
	c := &conn{server: s, socket: socket, disconnected: make(chan struct{}), wakeup: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = true
	if s.idle != nil {
		s.idle.Stop()
	}
	s.work.Go(c.read)
	s.work.Go(c.write)
}

// removeConn removes a connection. The caller does not hold the lock.
func (s *Server) removeConn(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if c.isWatcher {
		s.watchers--
	}
	if len(s.conns) == 0 {
		s.startIdleTimer()
	}
}

// startIdleTimer starts the timer of Options.Idle, if that is set. The caller holds the lock.
func (s *Server) startIdleTimer() {
	if s.o.Idle == 0 {
		return
	}
	if s.idle == nil {
		s.idle = time.AfterFunc(s.o.Idle, s.expire)
	} else {
		s.idle.Reset(s.o.Idle)
	}
}

// expire closes the session at the end of the idle time.
func (s *Server) expire() {
	s.mu.Lock()
	inUse := len(s.conns) > 0
	if !inUse {
		s.closing = true
	}
	s.mu.Unlock()
	if !inUse {
		s.quit()
		s.closeIfEnded()
	}
}

// quitTimeout bounds the time that the session takes to close when quit is called.
const quitTimeout = 3 * time.Second

// quit closes the session at once, and ends the server if the session does not end within quitTimeout.
func (s *Server) quit() {
	for range 2 {
		select {
		case <-s.ended:
			return
		default:
		}
		s.Quit()
		select {
		case <-s.ended:
		case <-s.ending:
		case <-time.After(quitTimeout):
		}
	}
}

// closeIfEnded ends the server if the session has ended and a process has closed it.
func (s *Server) closeIfEnded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing && s.endLines != nil {
		s.end()
	}
}

// end makes Wait return. The caller holds the lock.
func (s *Server) end() {
	if !s.isEnding() {
		close(s.ending)
	}
}

// Wait returns when the session has ended and a process has closed it, or no process has used it for Options.Idle, or when done is
// closed.
func (s *Server) Wait(done <-chan struct{}) {
	s.closeIfEnded()
	select {
	case <-s.ending:
	case <-done:
		s.mu.Lock()
		s.end()
		s.mu.Unlock()
	}
}

// Close frees the name and ends all connections.
func (s *Server) Close() {
	s.mu.Lock()
	s.end()
	for _, timer := range []*time.Timer{s.idle, s.login} {
		if timer != nil {
			timer.Stop()
		}
	}
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		c.socket.SetWriteDeadline(time.Now().Add(drainTimeout))
	}
	if s.listener != nil {
		s.listener.Close()
	}
	s.release()
	close(s.released)
	s.work.Wait()
}

// HasOpened reports whether the opening handshake has succeeded.
func (s *Server) HasOpened() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open != nil
}

// status returns the status of the session. The caller holds the lock.
func (s *Server) status(stats client.Stats) Status {
	unread := s.ring.last.received
	if r := s.readers[DefaultReader]; r != nil {
		unread -= r.at.received
	}
	return Status{
		Name: s.o.Name, URL: s.o.URL, State: s.state, PID: os.Getpid(), Age: seconds(time.Since(s.startedAt)), As: s.o.As, Host: s.o.Host, Remote: s.remote,
		Sent: stats.Sent.Messages, SentBytes: stats.Sent.Bytes, Received: s.ring.last.received, ReceivedBytes: stats.Received.Bytes,
		Unread: unread, Uptime: stats.Uptime.Seconds(), Connections: stats.Connections,
		RoundTrips: stats.RoundTrips,
	}
}

// seconds returns a duration in seconds, rounded to the millisecond. Duration.Seconds adds two floats, whose sum may have 16
// decimals.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

// conn is the connection of a process. One goroutine reads its requests, another writes replies and events to it.
type conn struct {
	server       *Server
	socket       net.Conn
	disconnected chan struct{} // closed when the process sends nothing more
	wakeup       chan struct{} // signals that there may be something to write

	mu      sync.Mutex // guards the field below
	replies []byte     // lines to write before any event

	// The server's mutex guards the fields below.
	hasRequestedRead bool     // it has sent a read request
	from             string   // as in the read request
	follow           bool     // as in the read request
	isReading        bool     // reading has begun
	at               position // of the next event to write
	reader           *reader  // the reader it reads as; nil = none
	hasTurn          bool     // it holds the turn of its reader
	isWatcher        bool     // it gets control frames as well
	calls            []int    // numbers of the verbs that it has used
}

// task is a request for the session.
type task struct {
	conn     *conn
	number   int // of the request; 0 = it gets no answer
	line     input.Line
	closes   bool     // close the session with the code and reason it was opened with
	start    position // position of the first event after it
	answered bool     // it was answered
}
