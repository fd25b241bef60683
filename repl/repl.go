// Package repl runs a session from a terminal or a pipe: it sends lines, and shows events.
package repl

import (
	"cmp"
	"context"
	"errors"
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

// Config is what a REPL is made of.
type Config struct {
	URL          string          // of the server; with Accept, the address to listen on
	Accept       *accept.Options // how clients are accepted; nil = it connects to a server
	Options      client.Options
	Dial         func(context.Context, client.Handler) (Session, error) // opens the session; nil = URL is dialed
	Source       input.Source                                           // of lines; nil = none are read
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

	Dialect     *Dialect                                                  // translates messages; nil = they are taken as they are
	OpenDialect func(name string) (*Dialect, error)                       // finds the dialect of /as; nil = no dialects
	OpenContext func(name string) (url string, o dial.Options, err error) // finds what /open @NAME connects to; nil = there are no names
	Rules       Rules                                                     // the messages that are sent automatically
	LineEnd     string                                                    // a name of LineEndNames: what ends each message made from a line; "" = none
	Recognize   bool                                                      // note what protocol the server's first message looks like

	Page       func(text []byte) error        // shows text that is longer than the screen; nil = it is printed
	KeepDir    string                         // where /keep keeps messages, in a folder for each host; "" = nowhere
	KeepAs     string                         // the folder of the first server; "" = its host
	Unread     func(line string)              // puts a line to the prompt, to be edited; nil = none
	Edit       func() (string, error)         // returns what was written in an editor; nil = none
	Height     func() int                     // rows of the screen
	Status     func(string)                   // shows a status row, "" removes it; nil = none
	Handled    func(*input.Line, error) error // is called with each line and its error, and returns the error that ends the session; nil = each error does
	Frame      func(client.Event)             // is given the frames that are not shown, with Options.Trace; nil = they are dropped
	Guard      func()                         // deferred by every goroutine, recovers from panics; nil = none
	Completion *Completion                    // learns words of messages for Tab; nil = there is no prompt
}

// REPL is a session whose lines come from a source and whose events go to an output. A sender reads the lines and a receiver
// handles the events, each a plain loop on a goroutine of its own with fields of its own; what they share is here. The sender
// is never the only receiver, or a server that does not read until it is read from would stop both.
type REPL struct {
	Config
	sender   *sender
	receiver *receiver
	session  Session
	met      atomic.Bool // the message that Ending waits for was received
	received int         // messages received, for Ending; those of a dialect are counted under Dialect.showing
	match    *matchState
	matcher  render.Renderer // decodes messages for match
	latest   latest          // with Interactive
	running  running
	tracing  atomic.Bool
	opened   atomic.Bool             // a session has been opened
	quitting atomic.Bool             // Quit was called
	closing  atomic.Bool             // the sender closes the session
	current  atomic.Pointer[Session] // the session, for other goroutines; nil = none yet
	asking   atomic.Bool             // a secret is being asked for
	asked    atomic.Int64            // how long answers took, in nanoseconds
	answers  chan struct{}           // with Lockstep: gets a signal when a whole message was received

	rules *rules
	eol   atomic.Pointer[string] // a name of LineEndNames
	lost  atomic.Bool            // there is no connection, and another is tried

	dialect    atomic.Pointer[Dialect] // nil = messages are taken as they are
	sessionCtx context.Context         // ends with the session
}

// heldMessage is how much of a message is held where nothing else is asked for, in bytes.
const heldMessage = 64 << 20

// New prepares a REPL; Run runs it.
func New(c Config) *REPL {
	r := &REPL{Config: c}
	r.sender, r.receiver = &sender{REPL: r}, &receiver{REPL: r}
	r.running.unclaimed = func() { r.Quit() }
	r.Options.AskPassword = r.pauseTicker(c.Options.AskPassword)
	r.Options.AskPassphrase = r.pauseTicker(c.Options.AskPassphrase)
	r.match, r.matcher = newMatcher(&r.Config)
	if c.Encode != nil {
		r.sender.encoder = encoder{as: c.Encode, most: cmp.Or(int(c.Options.MaxMessage), heldMessage)}
	}
	if c.Guard == nil {
		r.Guard = func() {}
	}
	r.tracing.Store(c.Trace)
	r.rules = newRules(c.Rules)
	r.match.rules = r.rules
	if r.onlyShows() {
		r.receiver.batch, _ = c.Output.newBatch() // the output has shown that its view can be had
	}
	r.answers = make(chan struct{}, 1)
	end := cmp.Or(c.LineEnd, "none")
	r.eol.Store(&end)
	if c.Dialect != nil {
		r.translate(c.Dialect)
	}
	return r
}

// Run opens the session, sends and receives until its end, and returns what went wrong, if anything did. When ctx is
// cancelled it closes with 1001, and returns the cause.
func (c *REPL) Run(ctx context.Context) error {
	session, err := c.connect(ctx)
	if err != nil {
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, ErrOutputGone):
			return nil // as when it has gone later
		case cause != nil:
			return cause
		}
		return err
	}
	for {
		err := c.runOnce(ctx, session)
		if c.sender.next == nil && c.canReopen(ctx, err) {
			c.sender.awaitReopen(ctx, err)
		}
		if c.sender.next == nil {
			return err
		}
		if ctx.Err() != nil {
			c.sender.next.abandon()
			return context.Cause(ctx)
		}
		session = c.sender.follow()
	}
}

// runOnce sends and receives on one session until it ends.
func (c *REPL) runOnce(ctx context.Context, session Session) error {
	if c.Completion != nil {
		kept := c.kept()
		c.Completion.kept.Store(&kept)
	}
	c.session = session
	c.closing.Store(false)
	c.rules.stuck.Store(false)
	c.current.Store(&session)
	if c.quitting.Load() {
		session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	stop := context.AfterFunc(ctx, func() { c.closeForContext(ctx) })
	defer stop()

	sending, stopSending := context.WithCancel(ctx)
	c.sessionCtx = sending
	if c.Interactive || len(c.Config.Rules.Every) > 0 {
		go func() { // ended by stopSending
			defer c.Guard()
			c.keepRules(sending)
		}()
	}
	if d := c.dialect.Load(); d.isOurs() {
		go c.keepTime(sending, d) // ended by stopSending
		c.act(d, c.login(d, session.Handshake()))
		session.Flush()
	}
	received := make(chan error, 1)
	go func() { // ended by the session's end
		defer c.Guard()
		received <- session.Run()
	}()
	sent := make(chan error, 1)
	go func() { // ended by stopSending; the last to begin, as the first to be run when this goroutine waits
		defer c.Guard()
		sent <- c.sender.send(sending)
	}()

	err, ended := c.await(ctx, received)
	stopSending()
	if !ended {
		return context.Cause(ctx)
	}
	c.rules.stopWatch()
	c.receiver.stopCountdown()
	if c.receiver.expiry != nil && c.sender.next == nil {
		c.receiver.expiry.Stop()
	}
	if shown := c.Output.Flush(); err == nil || shown != nil && c.met.Load() {
		err = shown
	}
	return c.outcome(ctx, err, <-sent)
}

// Quit closes the session, as /quit does, and does not wait. When the session is being closed already, it does not wait for the server
// either. It is for any goroutine. It reports whether there is a session to close.
func (c *REPL) Quit() bool {
	again := c.quitting.Swap(true) || c.closing.Load()
	session := c.current.Load()
	if session == nil {
		return c.opened.Load()
	}
	if again {
		go (*session).Abort(goingAway, "") // ended by the session's end
		return true
	}
	go (*session).CloseNow(c.Ending.closeCode(), c.Ending.CloseReason) // ended by the session's end, or by --close-timeout
	return true
}

// closeForContext closes the session because ctx has ended.
func (c *REPL) closeForContext(ctx context.Context) {
	switch {
	case errors.Is(context.Cause(ctx), ErrOutputGone):
		c.session.Abort(goingAway, "")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		c.session.Abort(c.Ending.closeCode(), c.Ending.CloseReason)
	default:
		c.session.CloseNow(goingAway, "")
	}
}

// interruptTimeout bounds how long the end may take after an interrupt or a time limit, if the server does not answer our
// Close or the reader of our output is slow.
const interruptTimeout = 1800 * time.Millisecond

// await returns how receiving ended; false = it was interrupted and does not end, as the reader of the output blocks it.
func (c *REPL) await(ctx context.Context, received <-chan error) (error, bool) {
	select {
	case err := <-received:
		return err, true
	case <-ctx.Done():
	}
	select {
	case err := <-received:
		return err, true
	case <-time.After(interruptTimeout):
		return nil, false
	}
}

// outcome returns the one error of a session that counts: an interrupt before what went wrong here, that before what the other
// side did, that before a message that was waited for and not received.
func (c *REPL) outcome(ctx context.Context, received, sent error) error {
	_, unconfirmed := errors.AsType[*client.UnconfirmedError](received)
	_, unwritten := errors.AsType[*OutputError](received)
	d := c.dialect.Load()
	switch {
	case errors.Is(received, ErrOutputGone), errors.Is(context.Cause(ctx), ErrOutputGone):
		return nil // the reader of our output has closed it
	case c.rules.stuck.Load():
		return &LoopError{}
	case d != nil && d.failure() != nil:
		return d.failure()
	case c.met.Load() && !unconfirmed && !unwritten:
		return nil
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case sent != nil:
		return sent
	case received != nil && d != nil:
		return d.explain(received)
	case received != nil:
		return received
	}
	if err := c.Ending.unmet(c.received); err != nil || d == nil {
		return err
	}
	return d.unanswered()
}

// Stats returns the session in numbers, so far. It is for any goroutine.
func (c *REPL) Stats() client.Stats {
	if session := c.current.Load(); session != nil {
		return (*session).Stats()
	}
	return client.Stats{}
}

// RetryNow cuts the pause before the next try to connect short. It is for any goroutine.
func (c *REPL) RetryNow() {
	if session := c.current.Load(); session != nil {
		(*session).RetryNow()
	}
}

// Summary returns the session in numbers, for the end event.
func (c *REPL) Summary() client.Summary {
	if c.session == nil {
		return client.Summary{}
	}
	return c.session.Summary()
}
