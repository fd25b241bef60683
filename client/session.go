package client

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// ErrClosed is returned by sends after the session was closed or lost.
var ErrClosed = errors.New("session closed")

// Handler handles the events of a session.
type Handler interface {
	// Handle is called for each event, by the goroutine that causes it: the one in Run, one that sends, or one of the session's
	// own. An error closes the session, and Run returns it. Handle must not call the session while it holds a lock.
	Handle(Event) error
	// Flush is called by the goroutine in Run when no further event is ready, before it waits for the server or ends a
	// connection. The handler must flush its buffers then.
	Flush() error
}

// Message is a message to send.
type Message struct {
	Type      Type
	Data      []byte
	FrameSize int  // largest frame, in bytes; 0 = one frame whatever its size
	Line      int  // line number, from 1, that an Unconfirmed event has; 0 = it was made from no line
	Repeat    bool // send it again, before all other messages, whenever the session reconnects
}

// Session exchanges messages with one server, over one connection or, with Options.Reconnect, over several one after the other.
// One goroutine must call Run; any goroutine may send.
type Session struct {
	options       Options
	handler       Handler
	dial          func(context.Context) (*dial.Conn, error)
	conn          atomic.Pointer[conn] // the current connection, or the last
	retransmit    *retransmitQueue     // nil without Options.Reconnect
	activity      activity
	handlerFailed atomic.Bool     // the handler returned an error: no event is reported any more
	sending       atomic.Int32    // calls that are writing messages
	sent          atomic.Int64    // messages that were written, the last perhaps in part
	sentBytes     atomic.Int64    // their bytes
	sends         sync.WaitGroup  // with Options.ReportSent: messages that are being sent; nothing is added once closing is set
	ctx           context.Context // ends when the session closes
	cancel        func()          // ends it
	retries       retries         // of Run, as is unconfirmed
	unconfirmed   int             // messages that may not have arrived
	retryNow      chan struct{}   // ends the delay before an attempt

	mu         sync.Mutex // guards the fields below
	down       bool       // there is no connection
	opened     int        // connections so far
	written    uint64     // messages written by earlier connections
	closing    bool       // a Close frame was sent, or would have been
	code       int        // of the server's Close; 0 = none was received
	handlerErr error      // the error of the handler
	closeTimer *time.Timer
	closeWait  closeWait // how long it waits
	pings      []sentPing
	trips      roundTrips
}

// Dial connects to url and performs the opening handshake. Events are reported to handler, which may be nil. ctx bounds the
// dialing only. The error is a *dial.UsageError or a *dial.Error.
func Dial(ctx context.Context, url string, o Options, handler Handler) (*Session, error) {
	if err := o.CheckSession(); err != nil {
		return nil, err
	}
	d, err := newDialer(ctx, url, o.Options)
	if err != nil {
		return nil, err
	}
	dialed, err := d.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(dialed, d.Dial, o, handler), nil
}

// newDialer is dial.New bounded by ctx. That reads the files of certificates and passwords, and opening a FIFO blocks until its other
// end is opened.
func newDialer(ctx context.Context, url string, o dial.Options) (*dial.Dialer, error) {
	if len(o.CAFiles) == 0 && o.CertFile == "" && o.Netrc == "" {
		return dial.New(url, o)
	}
	type result struct {
		dialer *dial.Dialer
		err    error
	}
	done := make(chan result, 1)
	go func() { // ended when the files are read
		d, err := dial.New(url, o)
		done <- result{d, err}
	}()
	select {
	case r := <-done:
		return r.dialer, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ignore is the handler of a session without one.
type ignore struct{}

func (ignore) Handle(Event) error { return nil }
func (ignore) Flush() error       { return nil }

// newSession returns a session over an open connection; it calls dial to replace that after a loss.
func newSession(dialed *dial.Conn, dial func(context.Context) (*dial.Conn, error), o Options, handler Handler) *Session {
	now := time.Now()
	if handler == nil {
		handler = ignore{}
	}
	s := &Session{options: o, handler: handler, dial: dial, activity: activity{start: now, now: now}, opened: 1}
	s.retries = retries{longest: o.reconnectMax(), jitter: rand.Float64}
	s.retryNow = make(chan struct{})
	s.ctx, s.cancel = context.WithCancel(context.Background())
	c := s.newConn(dialed)
	s.conn.Store(c)
	if o.Reconnect {
		s.retransmit = newRetransmitQueue(s, c)
	}
	s.report(Event{Kind: KindOpen, Time: now, Detail: dialed.Handshake})
	return s
}

// Accepted returns a session with a client whose opening handshake was accepted. It does not reconnect.
func Accepted(conn *dial.Conn, o Options, handler Handler) *Session {
	return newSession(conn, nil, o, handler)
}

// Handshake returns the opening handshake of the current connection, or of the last.
func (s *Session) Handshake() *dial.Handshake { return s.conn.Load().dialed.Handshake }

// SendData sends a message that has no line number. See Send.
func (s *Session) SendData(t Type, data []byte) error { return s.Send(Message{Type: t, Data: data}) }

// Send sends a message; it is buffered until Flush. Send may block until the server has read earlier messages; it does not keep
// m.Data. It returns ErrClosed after the session was closed or lost. With Options.Reconnect a message that was not written
// before a loss is sent on the next connection, and Send blocks while 16,384 messages or 256 KiB are unconfirmed.
func (s *Session) Send(m Message) error {
	if !s.beginSend() {
		return ErrClosed
	}
	defer s.endSend()
	s.reportMessage(m)
	s.sentBytes.Add(int64(len(m.Data)))
	if s.retransmit != nil {
		return s.retransmit.send(m)
	}
	s.sending.Add(1)
	return s.countSent(1, s.conn.Load().writeMessage(m.Type, m.Data, m.FrameSize))
}

// SendAll sends messages as SendData does, but faster if they are short and many. The sequence must neither block nor call the
// session.
func (s *Session) SendAll(t Type, messages iter.Seq[[]byte]) error {
	if s.retransmit != nil || s.options.ReportSent {
		return s.sendEach(t, messages)
	}
	var bytes, count int64
	s.sending.Add(1)
	err := s.conn.Load().WriteMessages(t, func(yield func([]byte) bool) {
		for message := range messages {
			count++
			if bytes += int64(len(message)); !yield(message) {
				return
			}
		}
	})
	s.sentBytes.Add(bytes)
	return s.countSent(count, err)
}

func (s *Session) sendEach(t Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := s.SendData(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment sends a fragment of a message as a frame of its own: the first, the last, or one between. Fragments are not kept: if
// the connection is lost, the rest of the message is dropped, and the message is reported as unconfirmed.
func (s *Session) SendFragment(t Type, data []byte, first, last bool) error {
	return s.sendFragment(fragment{t, data, first, last}, true)
}

// Reply sends a message, or a fragment of one, as the answer to the event being handled. It is never sent again on another
// connection.
func (s *Session) Reply(t Type, data []byte, first, last bool) error {
	return s.sendFragment(fragment{t, data, first, last}, false)
}

// sendFragment sends a message or a fragment of one; with tracked it is reported if it may not have arrived.
func (s *Session) sendFragment(f fragment, tracked bool) error {
	if !s.beginSend() {
		return ErrClosed
	}
	defer s.endSend()
	s.reportSent(f.kind, f.data, f.first, f.last)
	s.sentBytes.Add(int64(len(f.data)))
	if s.retransmit != nil {
		return s.retransmit.sendFragment(f, tracked)
	}
	s.sending.Add(1)
	begun := int64(0)
	if f.first {
		begun = 1
	}
	return s.countSent(begun, f.write(s.conn.Load()))
}

// countSent counts n messages of a call that wrote them, and replaces its error by ErrClosed. A message after our Close does
// not count as sent; one that the stream failed to write does.
func (s *Session) countSent(n int64, err error) error {
	if n > 0 && errors.Is(err, wire.ErrCloseSent) {
		n--
	}
	s.sent.Add(n)
	s.sending.Add(-1)
	return s.hideError(err)
}

// Ping sends a Ping, with at most 125 bytes of data. The event of its Pong has the round trip time.
func (s *Session) Ping(data []byte) error {
	if err := CheckControl(data); err != nil {
		return err
	}
	now := time.Now()
	s.addPing(sentPing{string(data), now})
	s.report(Event{Kind: KindPing, Dir: Out, Time: now, Payload: data})
	return s.control(wire.Ping, data)
}

// Pong sends an unsolicited Pong (RFC 6455, section 5.5.3), with at most 125 bytes.
func (s *Session) Pong(data []byte) error {
	if err := CheckControl(data); err != nil {
		return err
	}
	s.report(Event{Kind: KindPong, Dir: Out, Time: time.Now(), Payload: data})
	return s.control(wire.Pong, data)
}

// control sends a control frame after all frames sent before.
func (s *Session) control(op wire.Opcode, data []byte) error {
	if s.retransmit != nil {
		return s.retransmit.add(pendingFrame{opcode: op, data: data})
	}
	return s.hideError(s.conn.Load().WriteControl(op, data))
}

// Flush writes buffered messages to the stream. It may block until the server reads.
func (s *Session) Flush() error {
	if s.retransmit != nil {
		return s.retransmit.flush()
	}
	return s.hideError(s.conn.Load().Flush())
}

// hideError replaces the error of a write by ErrClosed. The reason is what the server sent last, or that it disconnected, which
// only the receiver knows: a broken pipe must not hide a Close that was not read yet.
func (s *Session) hideError(err error) error {
	if err != nil {
		return ErrClosed
	}
	return nil
}

// fragment is a message or a fragment of one.
type fragment struct {
	kind        Type
	data        []byte
	first, last bool
}

// write writes a whole message as such, and a fragment as a frame of its own.
func (f fragment) write(c *conn) error {
	if f.first && f.last {
		return c.WriteMessage(f.kind, f.data)
	}
	return c.WriteFragment(f.kind, f.data, f.first, f.last)
}

// reportSent reports a message. It must be called before the message is written, since otherwise its answer could be reported
// first.
func (s *Session) reportSent(t Type, data []byte, first, last bool) {
	if s.options.ReportSent {
		s.report(Event{Kind: KindMessage, Dir: Out, Type: t, First: first, Last: last, Time: time.Now(), Payload: data})
	}
}

// reportMessage reports a whole message before it is written.
func (s *Session) reportMessage(m Message) {
	if !s.options.ReportSent {
		return
	}
	e := Event{Kind: KindMessage, Dir: Out, Type: m.Type, First: true, Last: true, Time: time.Now(), Payload: m.Data}
	if m.Line > 0 {
		e.Detail = LineNumber(m.Line)
	}
	s.report(e)
}

// report reports an event; the first error of the handler ends the session.
func (s *Session) report(e Event) {
	if s.handlerFailed.Load() {
		return
	}
	if err := s.handler.Handle(e); err != nil {
		s.failHandler(err)
	}
}

// failHandler records the first error of the handler, and closes the session.
func (s *Session) failHandler(err error) {
	s.mu.Lock()
	if s.handlerErr == nil {
		s.handlerErr = err
	}
	s.mu.Unlock()
	s.handlerFailed.Store(true)
	s.startClose(GoingAway, "", closeWait{timeout: dropTimeout})
}

// tracer returns a function that reports each frame as it is on the wire; nil without Options.Trace.
func (s *Session) tracer() func(wire.Trace) {
	if !s.options.Trace {
		return nil
	}
	return func(t wire.Trace) {
		dir := In
		if t.Out {
			dir = Out
		}
		s.report(Event{Kind: KindFrame, Dir: dir, Time: t.Time, Detail: &t})
	}
}
