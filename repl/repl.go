// Package repl runs a session at a terminal or in a pipe: it sends lines and shows events.
package repl

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/client/accept"
	"wsx/client/dial"
	"wsx/codec"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/repl/script"
)

// Config is the configuration of a REPL.
type Config struct {
	URL          string          // of the server; with Accept, the address to listen on
	Accept       *accept.Options // how clients are accepted; nil = it connects to a server
	Options      client.Options
	Dial         func(context.Context, client.Handler) (Session, error) // opens the session; nil = URL is dialed
	Opened       bool                                                   // the session that Dial returns is open already
	Source       input.Source                                           // of lines; nil = no lines are read
	Name         string                                                 // what the source reads, for errors; "" = standard input
	Output       *Output                                                // where events are shown
	Slash        bool                                                   // a line that begins with / is a command
	Interactive  bool                                                   // lines are typed at a prompt: an error in one is shown, and the session goes on
	Echo         bool                                                   // answer each message with itself
	FragmentSize int                                                    // largest frame of a message, in bytes; 0 = one frame up to 64 MiB; negative = one frame
	Encode       codec.Encoder                                          // of each text message; nil = sent as it is
	Lockstep     bool                                                   // send the next line when an answer to the last has been received
	Inbox        *script.Inbox                                          // keeps what was received for /expect and scripts; nil = it is not kept
	Ending       Ending
	Decoder      *codec.Decoder // decodes messages for Inbox and Ending; nil = they are used as they are
	Speed        float64        // of /replay: 1 = as it was recorded; 0 = at once
	Trace        bool           // show every frame, from the start

	Dialect     *Dialect                                                  // translates messages; nil = they are not translated
	OpenDialect func(name string) (*Dialect, error)                       // finds the dialect of /as; nil = no dialects
	OpenContext func(name string) (url string, o dial.Options, err error) // finds what /open @NAME connects to; nil = there are no names
	Rules       Rules                                                     // the messages that are sent automatically
	LineEnd     string                                                    // a name of LineEndNames: what ends each message made from a line; "" = none
	Recognized  func(title, dialect string) string                        // returns the note that the server's first message looks like a protocol; nil = it is not shown

	Page       func(text []byte) error        // shows text that is longer than the screen; nil = it is printed
	KeepDir    string                         // where /keep keeps messages, in a folder for each host; "" = nowhere
	KeepAs     string                         // the folder of the first server; "" = its host
	Unread     func(line string)              // puts a line to the prompt, to be edited; nil = there is no prompt
	Edit       func() (string, error)         // returns what was written in an editor; nil = there is no terminal
	Height     func() int                     // rows of the screen
	Status     func(string)                   // shows a status row, "" removes it; nil = there is no status row
	Handled    func(*input.Line, error) error // called with each line and its error; an error that it returns ends the session; nil = every error does
	Frame      func(client.Event)             // called with the frames that are not shown, if Options.Trace is set; nil = they are dropped
	Guard      func()                         // deferred by every goroutine, recovers from panics; nil = panics are not recovered
	Completion *Completion                    // learns words of messages for Tab; nil = there is no prompt
}

// REPL is a session whose lines come from a source and whose events go to an output. A sender reads the lines and a receiver
// handles the events, each in a goroutine of its own with fields of its own; the fields here are shared. The sender must not
// receive, or a server that does not read until it is read from would block both sides.
type REPL struct {
	Config
	sender     *sender
	receiver   *receiver
	session    Session
	done       atomic.Bool  // the message that Ending waits for was received
	received   atomic.Int64 // messages received, for Ending
	match      *matchState
	matcher    render.Renderer // decodes messages for match
	latest     latest          // with Interactive
	running    running
	tracing    atomic.Bool
	opened     atomic.Bool             // a session has been opened, or clients can connect
	quitting   atomic.Bool             // Quit was called
	closing    atomic.Bool             // the sender closes the session
	current    atomic.Pointer[Session] // the session, for other goroutines; nil = no session yet
	prompting  atomic.Bool             // a secret is being asked for
	promptTime atomic.Int64            // total time that prompts for secrets took, in nanoseconds
	answers    chan struct{}           // with Lockstep: gets a signal when a whole message was received

	rules        *rules
	lineEndName  atomic.Pointer[string] // a name of LineEndNames
	disconnected atomic.Bool            // there is no connection, and the session reconnects

	dialect    atomic.Pointer[Dialect] // nil = messages are not translated
	sessionCtx context.Context         // ends with the session
	background sync.WaitGroup          // goroutines that use the session, besides those of the sender and the receiver
}

// defaultMaxMessage is the largest message that is held in memory, if Options.MaxMessage is not set, in bytes.
const defaultMaxMessage = 64 << 20

// New prepares a REPL; Run runs it.
func New(c Config) *REPL {
	r := &REPL{Config: c}
	r.sender, r.receiver = &sender{REPL: r}, &receiver{REPL: r}
	r.running.onIdle = func() { r.Quit() }
	r.Options.AskPassword = r.pauseTicker(c.Options.AskPassword)
	r.Options.AskPassphrase = r.pauseTicker(c.Options.AskPassphrase)
	r.match, r.matcher = newMatcher(&r.Config)
	if c.Encode != nil {
		r.sender.encoder = encoder{codec: c.Encode, max: cmp.Or(int(c.Options.MaxMessage), defaultMaxMessage)}
	}
	if c.Guard == nil {
		r.Guard = func() {}
	}
	r.tracing.Store(c.Trace)
	r.opened.Store(c.Opened)
	r.rules = newRules(c.Rules)
	r.match.rules = r.rules
	if r.isDisplayOnly() {
		r.receiver.batch, _ = c.Output.newBatch() // no error: the output already has this view
	}
	r.answers = make(chan struct{}, 1)
	end := cmp.Or(c.LineEnd, "none")
	r.lineEndName.Store(&end)
	if c.Dialect != nil {
		r.setDialect(c.Dialect)
	}
	return r
}

// Run opens the session, and sends and receives until it ends. It returns the first error that counts, see result. When ctx is
// cancelled it closes with 1001, and returns the cause.
func (r *REPL) Run(ctx context.Context) error {
	session, err := r.connect(ctx)
	if err != nil {
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, ErrOutputGone):
			return nil // the same as when the reader closes it later
		case cause != nil:
			return cause
		}
		return err
	}
	for {
		err := r.runOnce(ctx, session)
		if r.sender.next == nil && r.canReopen(ctx, err) {
			r.sender.awaitReopen(ctx, err)
			err = r.result(ctx, err, nil) // the wait may have been interrupted
		}
		if r.sender.next == nil {
			return err
		}
		if ctx.Err() != nil {
			r.sender.next.discard()
			return context.Cause(ctx)
		}
		session = r.sender.startNext()
	}
}

// runOnce sends and receives on one session until it ends.
func (r *REPL) runOnce(ctx context.Context, session Session) error {
	if r.Completion != nil {
		kept := r.kept()
		r.Completion.kept.Store(&kept)
	}
	r.session = session
	r.closing.Store(false)
	r.rules.blocked.Store(false)
	r.current.Store(&session)
	if r.quitting.Load() {
		session.CloseNow(r.Ending.closeCode(), r.Ending.CloseReason)
	}
	stop := context.AfterFunc(ctx, func() { r.closeForContext(ctx) })
	defer stop()

	sending, stopSending := context.WithCancel(ctx)
	r.sessionCtx = sending
	if r.Interactive || len(r.Config.Rules.Every) > 0 {
		r.background.Go(func() { // ended by stopSending
			defer r.Guard()
			r.runTimers(sending)
		})
	}
	if d := r.dialect.Load(); d.isLocal() {
		r.background.Go(func() { r.runTicks(sending, d) }) // ended by stopSending
		r.apply(d, r.login(d, session.Handshake()))
		session.Flush()
	}
	received := make(chan error, 1)
	go func() { // ended by the session's end
		defer r.Guard()
		received <- session.Run()
	}()
	sent := make(chan error, 1)
	go func() { // ended by stopSending; started last, since the runtime runs the newest goroutine first
		defer r.Guard()
		sent <- r.sender.send(sending)
	}()

	err, ended := r.awaitEnd(ctx, received)
	stopSending()
	if !ended {
		return context.Cause(ctx)
	}
	r.rules.stopWatch()
	r.receiver.stopCountdown()
	if r.receiver.expiry != nil && r.sender.next == nil {
		r.receiver.expiry.Stop()
	}
	if shown := r.Output.Flush(); err == nil || shown != nil && r.done.Load() {
		err = shown
	}
	sendErr := <-sent
	r.background.Wait()
	return r.result(ctx, err, sendErr)
}

// Quit starts to close the session, as /quit does, and reports whether there is one. A second call aborts the closing
// handshake. Any goroutine may call it.
func (r *REPL) Quit() bool {
	again := r.quitting.Swap(true) || r.closing.Load()
	session := r.current.Load()
	if session == nil {
		return r.opened.Load()
	}
	if again {
		go (*session).Abort(goingAway, "") // ended by the session's end
		return true
	}
	go (*session).CloseNow(r.Ending.closeCode(), r.Ending.CloseReason) // ended by the session's end, or by Options.CloseTimeout
	return true
}

// closeForContext closes the session after ctx has ended.
func (r *REPL) closeForContext(ctx context.Context) {
	switch {
	case errors.Is(context.Cause(ctx), ErrOutputGone):
		r.session.Abort(goingAway, "")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.session.Abort(r.Ending.closeCode(), r.Ending.CloseReason)
	default:
		r.session.CloseNow(goingAway, "")
	}
}

// interruptTimeout bounds how long the session may take to end after an interrupt, if the server does not answer our Close, or
// the output blocks or runs a query.
const interruptTimeout = 1800 * time.Millisecond

// overrunTimeout bounds how long the session may take to end after a time limit, which it has no reason to overrun.
const overrunTimeout = 500 * time.Millisecond

// awaitEnd returns the error of the receiver; false = it was interrupted and has not ended in time, since the output blocks or
// runs a query.
func (r *REPL) awaitEnd(ctx context.Context, received <-chan error) (error, bool) {
	select {
	case err := <-received:
		return err, true
	case <-ctx.Done():
	}
	limit := interruptTimeout
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		limit = overrunTimeout
	}
	select {
	case err := <-received:
		return err, true
	case <-time.After(limit):
		return nil, false
	}
}

// result returns the error of the session. If there are several, the order is: an interrupt, an error of the sender, an error
// of the receiver, a message that was waited for and not received.
func (r *REPL) result(ctx context.Context, received, sent error) error {
	_, unconfirmed := errors.AsType[*client.UnconfirmedError](received)
	_, unwritten := errors.AsType[*OutputError](received)
	d := r.dialect.Load()
	switch {
	case errors.Is(received, ErrOutputGone), errors.Is(context.Cause(ctx), ErrOutputGone):
		return nil // the reader of our output has closed it
	case r.rules.blocked.Load():
		return &LoopError{}
	case d != nil && d.failure() != nil:
		return d.failure()
	case r.done.Load() && !unconfirmed && !unwritten:
		return nil
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case sent != nil:
		return sent
	case received != nil && d != nil:
		return d.loginErrorOr(received)
	case received != nil:
		return received
	}
	if err := r.Ending.unmet(int(r.received.Load())); err != nil || d == nil {
		return err
	}
	return d.unanswered()
}

// Stats returns the statistics of the session so far. Any goroutine may call it.
func (r *REPL) Stats() client.Stats {
	if session := r.current.Load(); session != nil {
		return (*session).Stats()
	}
	return client.Stats{}
}

// RetryNow ends the delay before the next attempt to connect. Any goroutine may call it.
func (r *REPL) RetryNow() {
	if session := r.current.Load(); session != nil {
		(*session).RetryNow()
	}
}

// Summary returns the close code and the counts of the session, for the end event.
func (r *REPL) Summary() client.Summary {
	if r.session == nil {
		return client.Summary{}
	}
	return r.session.Summary()
}
