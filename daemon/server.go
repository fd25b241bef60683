package daemon

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/repl/render"
)

// Options are what a server knows of its session. All but Name may be zero.
type Options struct {
	Name   string
	URL    string        // without credentials
	As     string        // how the dialect was named; "" = no dialect
	Host   string        // HOST:PORT of the URL; "" = it has none
	Idle   time.Duration // close the session when no process has used it for so long; 0 = never
	Hinter render.Hinter
}

// Server serves the session of this process to others. To the session it is the source of its lines and the renderer of its events.
// The exported fields are set before the session is opened.
type Server struct {
	Login  bool                // the dialect logs in: the session is ready when that is done
	Opened func()              // is called on a goroutine of its own when the session can be used
	Quit   func() bool         // closes the session at once
	Retry  func()              // cuts the pause before the next try to connect short
	Stats  func() client.Stats // of the session

	o        Options
	began    time.Time
	release  func() // the name
	listener net.Listener
	tasks    chan *task
	ended    chan struct{} // closed when the session has ended
	over     chan struct{} // closed when the server ends
	released chan struct{} // closed when the name was given back
	work     sync.WaitGroup
	ready    sync.Once

	mu       sync.Mutex // guards the fields below
	ring     *ring
	current  *task // that the session is at; nil = none
	number   int   // of the last task
	json     render.JSON
	buffer   bytes.Buffer
	open     []byte // the last open event
	remote   string // the address of the server that is connected to; "" = it is not connected to directly
	state    string
	endLines []byte // how it ended; nil = it has not
	closing  bool   // a process has closed it
	conns    map[*conn]bool
	watchers int // of them, those that read from now on
	readers  map[string]*reader
	idle     *time.Timer
	login    *time.Timer // calls it ready when the login takes long; nil = it has not opened
}

// reader is where a reader has come to.
type reader struct {
	turn chan struct{} // holds something while a connection reads as this reader
	at   position      // guarded by the server's mutex
}

// maxReaders is how many names readers may have, besides the default one.
const maxReaders = 1000

// NewServer takes the name in a folder. It fails with a *TakenError where a session that has not ended has it. One that has ended
// makes room.
func NewServer(f Folder, o Options) (*Server, error) {
	release, err := f.claim(o.Name)
	if _, taken := errors.AsType[*TakenError](err); taken && f.dismiss(o.Name) {
		release, err = f.claim(o.Name)
	}
	if err != nil {
		return nil, err
	}
	return &Server{
		o: o, began: time.Now(), release: release, tasks: make(chan *task, 16), ended: make(chan struct{}), over: make(chan struct{}), released: make(chan struct{}),
		ring: newRing(), json: render.JSON{Hinter: o.Hinter}, state: StateOpen,
		conns: map[*conn]bool{}, readers: map[string]*reader{},
	}, nil
}

// dismiss ends the process of a session that has ended, and reports whether it did.
func (f Folder) dismiss(name string) bool {
	status, err := f.Status(name)
	return err == nil && status.State == StateClosed && f.Close(name, nil) == nil
}

// Listen begins to serve processes.
func (s *Server) Listen(f Folder) error {
	listener, err := listenPrivately(f.socket(s.o.Name))
	if err != nil {
		return err
	}
	s.listener = listener
	s.mu.Lock()
	s.rest()
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
			case <-time.After(acceptPause): // like out of descriptors
				continue
			case <-s.over:
				return
			}
		}
		if !ours(socket) {
			socket.Close()
			continue
		}
		s.serve(socket)
	}
}

// loginTime is how long a login may take before the session is called ready all the same.
const loginTime = 5 * time.Second

// acceptPause is the pause after a failure to accept a process.
const acceptPause = 100 * time.Millisecond

// ours reports whether the process at the other end of a socket is the same user's.
func ours(socket net.Conn) bool {
	user, _ := peerOf(socket)
	return user == os.Getuid()
}

// peerOf returns the numbers of the user and of the process at the other end of a socket; -1 and 0 = not known.
func peerOf(socket net.Conn) (user, process int) {
	user = -1
	if raw, err := socket.(*net.UnixConn).SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { user, process = credentials(int(fd)) })
	}
	return user, process
}

// serve serves a process.
func (s *Server) serve(socket net.Conn) {
	c := &conn{server: s, socket: socket, gone: make(chan struct{}), woken: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = true
	if s.idle != nil {
		s.idle.Stop()
	}
	s.work.Go(c.read)
	s.work.Go(c.write)
}

// leave forgets a process. The lock is not held.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if c.watches {
		s.watchers--
	}
	if len(s.conns) == 0 {
		s.rest()
	}
}

// rest begins to wait for the next process. The lock is held.
func (s *Server) rest() {
	if s.o.Idle == 0 {
		return
	}
	if s.idle == nil {
		s.idle = time.AfterFunc(s.o.Idle, s.expire)
	} else {
		s.idle.Reset(s.o.Idle)
	}
}

// expire closes a session that no process uses any more.
func (s *Server) expire() {
	s.mu.Lock()
	used := len(s.conns) > 0
	if !used {
		s.closing = true
	}
	s.mu.Unlock()
	if !used {
		s.quit()
		s.closeIfEnded()
	}
}

// patience is how long the session may take to do what a process has asked for before it is closed.
const patience = 3 * time.Second

// quit closes the session at once, and if it does not end soon breaks it off.
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
		case <-s.over:
		case <-time.After(patience):
		}
	}
}

// closeIfEnded ends the server if the session has ended, and was closed here.
func (s *Server) closeIfEnded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing && s.endLines != nil {
		s.end()
	}
}

// end lets Wait return. The lock is held.
func (s *Server) end() {
	if !s.isOver() {
		close(s.over)
	}
}

// Wait returns when the session has ended and a process has closed it, or none has used it for long, or when done is closed.
func (s *Server) Wait(done <-chan struct{}) {
	s.closeIfEnded()
	select {
	case <-s.over:
	case <-done:
		s.mu.Lock()
		s.end()
		s.mu.Unlock()
	}
}

// lastWrites is how long processes have to read the rest when the server ends.
const lastWrites = 5 * time.Second

// Close gives the name back and ends all connections.
func (s *Server) Close() {
	s.mu.Lock()
	s.end()
	for _, timer := range []*time.Timer{s.idle, s.login} {
		if timer != nil {
			timer.Stop()
		}
	}
	for c := range s.conns {
		c.socket.SetWriteDeadline(time.Now().Add(lastWrites))
	}
	s.mu.Unlock()
	if s.listener != nil {
		s.listener.Close()
	}
	s.release()
	close(s.released)
	s.work.Wait()
}

// Render keeps an event for the processes that read it.
func (s *Server) Render(_ io.Writer, e client.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case client.KindMessage:
		if e.Dir == client.Out {
			s.mark(&e)
			return nil
		}
	case client.KindOpen:
		s.state, s.remote = StateOpen, directRemote(e.Detail)
		if s.login == nil {
			s.login = time.AfterFunc(loginTime, s.isReady)
		}
	case client.KindRetry:
		s.state = StateReconnecting
	}
	as, isTranslated := e.Detail.(render.As)
	control := e.Kind == client.KindPing || e.Kind == client.KindPong || e.Kind == client.KindFrame || isTranslated && as.Event.Hidden()
	if isTranslated && as.Event.Kind == "ready" {
		s.isReady()
	}
	if control && s.watchers == 0 {
		return nil
	}
	line := s.encode(e)
	if line == nil {
		return nil
	}
	switch e.Kind {
	case client.KindError:
		s.endLines = line // sent at the very end
		return nil
	case client.KindEnd:
		s.state, s.endLines = StateClosed, append(s.endLines, line...)
		close(s.ended)
		s.work.Go(s.rejectTasks)
	case client.KindOpen:
		s.open = line
		fallthrough
	default:
		isReceived := e.Kind == client.KindMessage && !(isTranslated && (as.Again || as.Event.Hidden()))
		s.ring.add(entry{line: line, control: control}, isReceived)
	}
	for c := range s.conns {
		c.wake()
	}
	return nil
}

// directRemote returns the address of the server of a handshake; "" = a proxy or a socket of the file system is between, or it is unknown.
func directRemote(detail any) string {
	h, ok := detail.(*dial.Handshake)
	if !ok || h.Proxy != "" {
		return ""
	}
	if _, err := netip.ParseAddrPort(h.Remote); err != nil {
		return ""
	}
	return h.Remote
}

// HasOpened reports whether the opening handshake was done.
func (s *Server) HasOpened() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open != nil
}

// encode returns an event as a line; nil = it has not come whole. The lock is held.
func (s *Server) encode(e client.Event) []byte {
	var extra []byte
	if as, ok := e.Detail.(render.As); ok {
		extra = append(append(extra, `,"meaning":`...), bytes.TrimSpace(marshal(newMeaning(as)))...)
		if as.Again {
			e.Payload = nil
		}
		as.Again = false // which would not be shown
		e.Detail = as
	}
	if t, ok := e.Detail.(*wire.Trace); ok {
		extra = append(append(extra, `,"rest":`...), bytes.TrimSpace(marshal(frameRest{t.Opcode, t.Head}))...)
	}
	s.buffer.Reset()
	s.json.Render(&s.buffer, e) // a buffer takes everything
	if s.buffer.Len() == 0 {
		return nil
	}
	line := append([]byte(nil), s.buffer.Bytes()[:s.buffer.Len()-len("}\n")]...)
	if s.buffer.Cap() > keptBuffer {
		s.buffer = bytes.Buffer{}
	}
	if e.Kind != client.KindError && e.Kind != client.KindEnd { // which are not kept with the others
		line = strconv.AppendUint(append(line, `,"seq":`...), s.ring.last.next, 10)
	}
	return append(append(line, extra...), "}\n"...)
}

// keptBuffer is how large a buffer is kept for the next event, in bytes.
const keptBuffer = 64 << 10

// status is the session at a glance. The lock is held.
func (s *Server) status(stats client.Stats) Status {
	unread := s.ring.last.received
	if r := s.readers[DefaultReader]; r != nil {
		unread -= r.at.received
	}
	return Status{
		Name: s.o.Name, URL: s.o.URL, State: s.state, PID: os.Getpid(), Age: seconds(time.Since(s.began)), As: s.o.As, Host: s.o.Host, Remote: s.remote,
		Sent: stats.Sent.Messages, SentBytes: stats.Sent.Bytes, Received: s.ring.last.received, ReceivedBytes: stats.Received.Bytes,
		Unread: unread, Uptime: stats.Uptime.Seconds(), Connections: stats.Connections,
		RoundTrips: stats.RoundTrips,
	}
}

// seconds is a duration to the millisecond.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
