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

// AttachOptions select what a process reads of a session.
type AttachOptions struct {
	From   string // where reading begins: one of FromAnswer ... FromNone
	Reader string // with FromUnread: the name of the reader; "" = DefaultReader
	Seq    uint64 // with FromSeq: the number of the event after which reading begins
	Follow bool   // keep reading after the last event there is
}

// Attachment is the use of a session that another process keeps open. It has the methods of *client.Session. Ending an
// attachment does not end the session; CloseAll does.
type Attachment struct {
	name       string
	o          AttachOptions
	socket     net.Conn
	lines      *bufio.Reader
	handler    client.Handler
	reportSent bool
	status     Status
	finished   chan struct{} // closed when Run has returned
	attachedAt time.Time

	handshake    atomic.Pointer[dial.Handshake]
	latest       atomic.Int64 // when the last message was received, in nanoseconds since 1970
	received     atomic.Int64
	sent         atomic.Int64
	closing      atomic.Bool
	started      func(dialect.Started) // called for each verb whose messages were sent; nil = it is not called
	statuses     chan Status
	code         int // of the server's Close; only the receiving goroutine uses it
	failure      *EndError
	seq          uint64 // of the last event; only the receiving goroutine uses it
	sentAfterEnd bool   // a request came after the end of the session; only the receiving goroutine uses it
	fragments    []byte // of a message that is being sent; only the sending goroutine uses this and frame
	frame        int    // size of the first fragment, in bytes

	mu      sync.Mutex // guards the fields below
	number  int        // of the last request
	waiting map[int]chan reply
	open    int           // number of requests without an answer yet
	done    chan struct{} // gets a signal when open becomes 0
	refused error         // of the first rejected request that no goroutine waits for
	pings   []sentPing
	calls   []int // numbers of the calls of verbs, in the order of their requests
}

// connect connects to the process of a session, and reads its status. It removes the socket of a process that was killed.
func (f Folder) connect(name string) (net.Conn, *bufio.Reader, statusLine, error) {
	var r statusLine
	if err := CheckName(name); err != nil {
		return nil, nil, r, err
	}
	if err := f.checkPath(name); err != nil {
		return nil, nil, r, err
	}
	limit := answerTimeout
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
	if !isSameUser(socket) {
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

// Attach connects to a session. The caller calls Deliver and Run next, or Discard. The errors are an *UnknownError, an
// *UnresponsiveError or those of the socket.
func (f Folder) Attach(name string, o AttachOptions) (*Attachment, error) {
	socket, lines, first, err := f.connect(name)
	if err != nil {
		return nil, err
	}
	a := &Attachment{
		name: name, o: o, socket: socket, lines: lines, handler: discard{}, status: first.Status, finished: make(chan struct{}), attachedAt: time.Now(),
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

// Status returns the status of the session at the time of Attach.
func (a *Attachment) Status() Status { return a.status }

// Deliver sets the handler of events. With sent, it also gets the messages that are sent here, each before it is written.
func (a *Attachment) Deliver(handler client.Handler, sent bool) {
	a.handler, a.reportSent = handler, sent
}

// Discard ends an attachment whose Run is not called.
func (a *Attachment) Discard() { a.socket.Close() }

// HasEnded reports whether the session has ended. It may be called once Run has returned.
func (a *Attachment) HasEnded() bool { return a.failure != nil }

// Seq returns the number of the event that is being handled or was handled last; before the first, that of the event before the
// answers to what was sent. Only the handler may call it until Run has returned.
func (a *Attachment) Seq() uint64 { return a.seq }

// Follow sets a function that is called for each verb whose messages were sent.
func (a *Attachment) Follow(started func(dialect.Started)) { a.started = started }

// Run handles events until the session or the attachment ends. It returns nil if the attachment was closed or the session ended
// without an error, else an *EndError, a *GoneError or the error of the handler.
func (a *Attachment) Run() error {
	defer close(a.finished)
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

// outcome returns the error that the session ended with; nil = none.
func (a *Attachment) outcome(over bool) error {
	switch {
	case !over || a.failure == nil:
		return nil
	case a.failure.Exit == 0 && a.sentAfterEnd:
		return &EndError{Exit: 1, Class: "close", Message: fmt.Sprintf("session %s has ended: it was closed with code %d", a.name, a.code)}
	case a.failure.Exit == 0:
		return nil
	}
	return a.failure
}

// flush flushes the handler, and confirms all events up to the one numbered seen.
func (a *Attachment) flush(seen uint64) error {
	if err := a.handler.Flush(); err != nil {
		return err
	}
	if a.o.From == FromUnread && seen > 0 {
		if a.closing.Load() {
			a.socket.SetWriteDeadline(time.Now().Add(drainTimeout))
		}
		a.write(map[string]any{"event": "seen", "seq": seen})
	}
	return nil
}

// ended returns the error for the end of the connection.
func (a *Attachment) ended(seen uint64) error {
	err := a.flush(seen)
	if err == nil && !a.closing.Load() {
		err = &GoneError{Name: a.name}
	}
	return err
}

// handle handles a line, and reports whether it is the last one.
func (a *Attachment) handle(r *reply) (over bool, err error) {
	switch r.Event.Event {
	case "done", "rejected":
		return false, a.deliverReply(r)
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
		a.failure = &EndError{Class: r.Class, Message: r.Message, Hint: r.Hint}
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
	a.update(&e)
	return false, a.handler.Handle(e)
}

// update updates the state of the attachment from an event.
func (a *Attachment) update(e *client.Event) {
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

// roundTrip sets the detail of a Pong to the time since our Ping.
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

// Silence returns the time since the last received message, or since the attachment began.
func (a *Attachment) Silence() time.Duration {
	return time.Since(time.Unix(0, max(a.latest.Load(), a.attachedAt.UnixNano())))
}

// Handshake returns the result of the session's opening handshake; before that has succeeded, it has the URL only.
func (a *Attachment) Handshake() *dial.Handshake { return a.handshake.Load() }

// Stats returns the counters of the session, for all processes together.
func (a *Attachment) Stats() client.Stats {
	select {
	case <-a.statuses: // discard an earlier status
	default:
	}
	now := a.status
	if a.write(map[string]any{"event": "status"}) == nil {
		select {
		case now = <-a.statuses:
		case <-a.finished:
		case <-time.After(answerTimeout):
		}
	}
	return client.Stats{
		Sent: client.Counts{Messages: now.Sent, Bytes: now.SentBytes}, Received: client.Counts{Messages: now.Received, Bytes: now.ReceivedBytes},
		Uptime: time.Duration(now.Uptime * float64(time.Second)), Connections: now.Connections, RoundTrips: now.RoundTrips,
	}
}

// Summary returns the counters of this attachment.
func (a *Attachment) Summary() client.Summary {
	return client.Summary{Code: a.code, Sent: a.sent.Load(), Received: a.received.Load()}
}

// callOf returns the number of a call as this attachment counts them, from 1; 0 = another process made it. The caller does not
// hold the lock.
func (a *Attachment) callOf(call int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Index(a.calls, call) + 1
}

// discard is a handler that ignores events.
type discard struct{}

func (discard) Handle(client.Event) error { return nil }
