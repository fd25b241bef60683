package daemon

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/dialect"
	"wsx/errno"
	"wsx/repl/render"
)

// AttachOptions are what a process wants of a session.
type AttachOptions struct {
	From   string // where it begins to read: one of FromAnswer ... FromNone
	Reader string // with FromUnread: as which reader; "" = DefaultReader
	Seq    uint64 // with FromSeq: after which event
	Follow bool   // go on when everything there is has been read
}

// Attachment is a session that another process has, as this one uses it. It has the methods of *client.Session. What ends an
// attachment leaves the session as it is, but for CloseAll.
type Attachment struct {
	name       string
	o          AttachOptions
	socket     net.Conn
	lines      *bufio.Reader
	handler    client.Handler
	reportSent bool
	status     Status
	over       chan struct{} // closed when Run has returned
	begun      time.Time

	handshake atomic.Pointer[dial.Handshake]
	latest    atomic.Int64 // when the last message was received, in nanoseconds since 1970
	received  atomic.Int64
	sent      atomic.Int64
	closing   atomic.Bool
	started   func(dialect.Started)
	statuses  chan Status
	code      int // of the server's Close; the receiver's own
	failure   *EndError
	seq       uint64 // of the last event; likewise
	late      bool   // something was to be sent after the session had ended; likewise
	fragments []byte // of a message that is being sent; the sender's own, as the next
	frame     int    // size of the first of them

	mu      sync.Mutex // guards the fields below
	number  int        // of the last request
	waiting map[int]chan reply
	open    int           // requests that are not answered
	done    chan struct{} // gets a signal when none is open
	refused error         // the first request that was refused and is waited for by nothing
	pings   []sentPing
	calls   []int // numbers of verbs
}

type sentPing struct {
	data string
	at   time.Time
}

// answerTime is how long the process of a session may take to report its status.
const answerTime = 5 * time.Second

// connect connects to the process of a session, and reads its status. The socket of one that was killed is removed.
func (f Folder) connect(name string) (net.Conn, *bufio.Reader, statusLine, error) {
	var r statusLine
	if err := CheckName(name); err != nil {
		return nil, nil, r, err
	}
	if err := f.checkPath(name); err != nil {
		return nil, nil, r, err
	}
	limit := answerTime
	if f.limit > 0 {
		limit = min(limit, f.limit)
	}
	deadline := time.Now().Add(limit)
	socket, err := net.DialTimeout("unix", f.socket(name), limit)
	if err != nil {
		stale := errors.Is(err, errno.Refused) && f.removeStale(name)
		if !stale && !isMissing(err) && !errors.Is(err, errno.Refused) {
			return nil, nil, r, err
		}
		return nil, nil, r, f.unknown(name, stale)
	}
	if !ours(socket) {
		socket.Close()
		return nil, nil, r, &FolderError{"the socket of session " + name + " belongs to a process of another user"}
	}
	lines := bufio.NewReaderSize(socket, 64<<10)
	socket.SetReadDeadline(deadline)
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		defer socket.Close()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			_, process := peerOf(socket)
			return nil, nil, r, &UnresponsiveError{name, process, limit}
		}
		return nil, nil, r, &GoneError{Name: name}
	}
	socket.SetReadDeadline(time.Time{})
	return socket, lines, r, nil
}

// Attach connects to a session. Deliver and Run follow, or Discard.
func (f Folder) Attach(name string, o AttachOptions) (*Attachment, error) {
	socket, lines, first, err := f.connect(name)
	if err != nil {
		return nil, err
	}
	a := &Attachment{
		name: name, o: o, socket: socket, lines: lines, handler: discard{}, status: first.Status, over: make(chan struct{}), begun: time.Now(),
		statuses: make(chan Status, 1), waiting: map[int]chan reply{}, done: make(chan struct{}, 1),
	}
	a.handshake.Store(&dial.Handshake{URL: first.URL})
	var opened reply
	if json.Unmarshal(first.Open, &opened) == nil {
		a.handshake.Store(opened.handshake())
	}
	a.write(map[string]any{"event": "read", "from": o.From, "reader": cmp.Or(o.Reader, DefaultReader), "seq": o.Seq, "follow": o.Follow})
	return a, nil
}

// Status is the session as it was when the attachment began.
func (a *Attachment) Status() Status { return a.status }

// Deliver has events go to a handler: with sent, also messages that are sent here, each before it is written.
func (a *Attachment) Deliver(handler client.Handler, sent bool) {
	a.handler, a.reportSent = handler, sent
}

// Discard ends an attachment that Run is not called for.
func (a *Attachment) Discard() { a.socket.Close() }

// HasEnded reports whether the session has ended, once Run has returned.
func (a *Attachment) HasEnded() bool { return a.failure != nil }

// Seq is the number of the event that is being handled, or was last; before that, of the one before the answers to what was sent. It is for
// the handler, and for others once Run has returned.
func (a *Attachment) Seq() uint64 { return a.seq }

// Follow has started called for each verb whose messages were sent.
func (a *Attachment) Follow(started func(dialect.Started)) { a.started = started }

// Run handles events until the session has ended or the attachment has, and returns why: nil when it was left, or the session ended
// well, else an *EndError, a *GoneError or the error of the handler.
func (a *Attachment) Run() error {
	defer close(a.over)
	defer a.socket.Close()
	var seen uint64
	for {
		if a.lines.Buffered() == 0 {
			if err := a.flush(seen); err != nil {
				return err
			}
		}
		line, err := a.lines.ReadBytes('\n')
		if err != nil {
			return a.ended(seen)
		}
		var r reply
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		r.line = line
		if isAnswer := r.Event.Event == "done"; !isAnswer && r.Seq > 0 {
			a.seq = r.Seq
		}
		over, err := a.handle(&r)
		if err != nil {
			return err
		}
		seen = a.seq
		if over || a.closing.Load() {
			if err := a.flush(seen); err != nil {
				return err
			}
			return a.outcome(over)
		}
	}
}

// outcome is how the session ended, if it did.
func (a *Attachment) outcome(over bool) error {
	switch {
	case !over || a.failure == nil:
		return nil
	case a.failure.Exit == 0 && a.late:
		return &EndError{Exit: 1, Class: "close", Message: fmt.Sprintf("session %s has ended: it was closed with code %d", a.name, a.code)}
	case a.failure.Exit == 0:
		return nil
	}
	return a.failure
}

// flush flushes what the handler holds back, and confirms everything up to an event.
func (a *Attachment) flush(seen uint64) error {
	if err := a.handler.Flush(); err != nil {
		return err
	}
	if a.o.From == FromUnread && seen > 0 {
		if a.closing.Load() {
			a.socket.SetWriteDeadline(time.Now().Add(lastWrites))
		}
		a.write(map[string]any{"event": "seen", "seq": seen})
	}
	return nil
}

// ended is why nothing more can be read.
func (a *Attachment) ended(seen uint64) error {
	err := a.flush(seen)
	if err == nil && !a.closing.Load() {
		err = &GoneError{Name: a.name}
	}
	return err
}

// handle handles a line, and reports whether it is the last.
func (a *Attachment) handle(r *reply) (over bool, err error) {
	switch r.Event.Event {
	case "done", "rejected":
		return false, a.settle(r)
	case "started":
		if r.Started != nil && a.started != nil {
			r.Started.Call = a.callOf(r.Started.Call)
			a.started(*r.Started)
		}
		return false, nil
	case "status":
		var now statusLine
		err := json.Unmarshal(r.line, &now)
		select {
		case a.statuses <- now.Status:
		default:
		}
		return false, err
	case "current":
		return true, nil
	case "error":
		a.failure = &EndError{Class: r.Class, Message: r.Message, Advice: r.Advice}
		return false, nil
	case "end":
		if a.failure == nil {
			a.failure = &EndError{Class: "io", Message: "session " + a.name + " has ended"}
		}
		a.failure.Exit = r.Exit
		if r.Code != nil {
			a.code = *r.Code
		}
		return true, nil
	}
	e, ok, err := r.event()
	if !ok || err != nil {
		return false, err
	}
	a.note(&e)
	return false, a.handler.Handle(e)
}

// note keeps what follows from an event here.
func (a *Attachment) note(e *client.Event) {
	switch e.Kind {
	case client.KindMessage:
		a.latest.Store(time.Now().UnixNano())
		as, isTranslated := e.Detail.(render.As)
		if isTranslated {
			as.Event.Call = a.callOf(as.Event.Call)
		}
		if !as.Again {
			a.received.Add(1)
		}
	case client.KindOpen:
		a.handshake.Store(e.Detail.(*dial.Handshake))
	case client.KindClose:
		if e.Dir == client.In {
			a.code = e.Code
		}
	case client.KindPong:
		a.roundTrip(e)
	}
}

// roundTrip makes the time since our Ping the detail of its Pong.
func (a *Attachment) roundTrip(e *client.Event) {
	if e.Dir != client.In {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.pings, func(p sentPing) bool { return p.data == string(e.Payload) })
	if i >= 0 {
		e.Detail = time.Since(a.pings[i].at)
		a.pings = a.pings[i+1:]
	}
}

// Silence is how long no message has come.
func (a *Attachment) Silence() time.Duration {
	return time.Since(time.Unix(0, max(a.latest.Load(), a.begun.UnixNano())))
}

// Handshake is what the opening handshake of the session agreed on.
func (a *Attachment) Handshake() *dial.Handshake { return a.handshake.Load() }

// Stats are the session in numbers, for all processes together.
func (a *Attachment) Stats() client.Stats {
	select {
	case <-a.statuses: // an old one
	default:
	}
	now := a.status
	if a.write(map[string]any{"event": "status"}) == nil {
		select {
		case now = <-a.statuses:
		case <-a.over:
		case <-time.After(answerTime):
		}
	}
	return client.Stats{
		Sent: client.Counts{Messages: now.Sent, Bytes: now.SentBytes}, Received: client.Counts{Messages: now.Received, Bytes: now.ReceivedBytes},
		Uptime: time.Duration(now.Uptime * float64(time.Second)), Connections: now.Connections, RoundTrips: now.RoundTrips,
	}
}

// Summary is the attachment in numbers.
func (a *Attachment) Summary() client.Summary {
	return client.Summary{Code: a.code, Sent: a.sent.Load(), Received: a.received.Load()}
}

// callOf is the number of a verb as it is counted here, from 1; 0 = another process used it. The lock is not held.
func (a *Attachment) callOf(call int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Index(a.calls, call) + 1
}

// discard is a handler that does nothing.
type discard struct{}

func (discard) Handle(client.Event) error { return nil }
