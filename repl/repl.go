// Package repl is the conversation: what is said goes in, what happens comes out.
package repl

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/codec"
	"wsx/repl/input"
	"wsx/repl/render"
	"wsx/repl/script"
)

// Config is one conversation and its surroundings.
type Config struct {
	URL          string                // of the server; or, with Party, the address where clients find us
	Accept       *client.AcceptOptions // nil = we connect; else clients do
	Options      client.Options
	Source       input.Source  // what is said; nil = nothing is
	Name         string        // what the source reads, for errors; "" = standard input
	Output       *Output       // where it is seen
	Slash        bool          // a line that begins with / is a command
	Interactive  bool          // somebody sits at the source: what is wrong with a line is said, and the conversation goes on
	Echo         bool          // answer each message with itself
	FragmentSize int           // largest frame of a message, in bytes; 0 = one frame up to 64 MiB; negative = one frame
	Encode       codec.Encoder // of each text message; nil = sent as it is
	Lockstep     bool          // say the next line when an answer to the last has come
	Inbox        *script.Inbox // keeps what came for those who expect something; nil = nobody does
	Ending       Ending
	Decoder      *codec.Decoder // what messages stand for, for Inbox and Ending; nil = they are taken as they are
	Speed        float64        // of /replay: 1 = as it was recorded; 0 = at once
	Trace        bool           // show every frame, from the start

	Dialect     *Dialect                            // translates messages; nil = they are taken as they are
	OpenDialect func(name string) (*Dialect, error) // finds the dialect of /as; nil = there are none
	Rules       Rules                               // what is sent without anybody typing it
	LineEnd     string                              // a name of LineEndNames: what ends each message made from a line; "" = none
	Recognize   bool                                // tell what protocol the server's first message looks like

	Page       func(text []byte) error // shows what is longer than the screen; nil = it is printed
	KeepDir    string                  // where /keep keeps messages, in a folder for each host; "" = nowhere
	KeepAs     string                  // the folder of the first server; "" = its host
	Unread     func(line string)       // puts a line to the prompt, to be edited; nil = there is none
	Edit       func() (string, error)  // lets a message be written in an editor; nil = nobody could
	Height     func() int              // rows of the screen
	Status     func(string)            // shows what is going on just now, "" = nothing is; nil = nobody looks
	Guard      func()                  // deferred by every goroutine of the conversation, for the way out of a panic; nil = none
	Completion *Completion             // is told what comes, for Tab; nil = nobody types
}

// REPL is a session with somebody talking and somebody listening: two goroutines, each a plain loop, that
// share the display's lock and nothing else. Whoever sends is never the only one who listens, but for Echo.
type REPL struct {
	Config
	session   peerSession
	met       atomic.Bool // what Ending waits for has come
	batch     *batch      // shows messages from which nothing follows; nil = messages are shown one by one. The receiver's own, as the next two
	expiry    *time.Timer // ends the conversation after Ending.Duration; nil = it does not run
	countdown func()      // ends a countdown that is shown
	received  int         // messages received; the listening goroutine's own, as the next two
	match     *matchState
	matcher   render.Renderer // shows the judge what comes
	next      *nextSession    // the session after this one; nil = none. The sender's own, as the next two
	offline   bool            // the session was lost, and another can be opened
	inMessage bool            // part of a message was said
	latest    latest          // with Interactive
	joined    []byte          // the fragments so far of a message that is to be one frame
	encoder   encoder
	typed     typedMessage // the sender's own
	running   running
	tracing   atomic.Bool
	opened    atomic.Bool                 // it was told that there is a session
	quitting  atomic.Bool                 // Quit was called
	current   atomic.Pointer[peerSession] // the session, for other goroutines; nil = there is none yet
	asking    atomic.Bool                 // somebody is asked for a secret
	asked     atomic.Int64                // how long answers took, in nanoseconds
	answers   chan struct{}               // with Lockstep: gets a signal when a message has come whole

	rules *rules
	eol   atomic.Pointer[string] // a name of LineEndNames
	lost  atomic.Bool            // there is no connection, and another is tried

	dialect    atomic.Pointer[Dialect] // nil = messages are taken as they are
	fragments  []byte                  // of a message to translate; the receiver's own, as the next
	recognized bool                    // the server's first message was looked at
	sessionCtx context.Context         // ends with the session
}

// heldMessage is how much of a message is held where nothing else is asked for, in bytes.
const heldMessage = 64 << 20

// New prepares a conversation; Run has it.
func New(c Config) *REPL {
	conversation := &REPL{Config: c}
	conversation.Options.AskPassword = conversation.pauseTicker(c.Options.AskPassword)
	conversation.Options.AskPassphrase = conversation.pauseTicker(c.Options.AskPassphrase)
	conversation.match, conversation.matcher = newMatcher(&conversation.Config)
	if c.Encode != nil {
		conversation.encoder = encoder{as: c.Encode, most: cmp.Or(int(c.Options.MaxMessage), heldMessage)}
	}
	if c.Guard == nil {
		conversation.Guard = func() {}
	}
	conversation.tracing.Store(c.Trace)
	conversation.rules = newRules(c.Rules)
	conversation.match.rules = conversation.rules
	if conversation.onlyShows() {
		conversation.batch, _ = c.Output.newBatch() // the output has shown that its view can be had
	}
	conversation.answers = make(chan struct{}, 1)
	end := cmp.Or(c.LineEnd, "none")
	conversation.eol.Store(&end)
	if c.Dialect != nil {
		conversation.translate(c.Dialect)
	}
	return conversation
}

// Run opens the session and talks and listens until the end, and says what went wrong, if anything did. When ctx is
// cancelled it says goodbye with 1001, and returns the cause.
func (c *REPL) Run(ctx context.Context) error {
	session, err := c.connect(ctx)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	for {
		err := c.runOnce(ctx, session)
		if c.next == nil && c.canReopen(ctx, err) {
			c.awaitReopen(ctx, err)
		}
		if c.next == nil {
			return err
		}
		if ctx.Err() != nil {
			c.next.abandon()
			return context.Cause(ctx)
		}
		session = c.follow()
	}
}

// runOnce sends and receives on one session until it ends.
func (c *REPL) runOnce(ctx context.Context, session peerSession) error {
	if c.Completion != nil {
		kept := c.kept()
		c.Completion.kept.Store(&kept)
	}
	c.session = session
	c.current.Store(&session)
	if c.quitting.Load() {
		session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	}
	stop := context.AfterFunc(ctx, func() { c.closeForContext(ctx) })
	defer stop()

	talking, silence := context.WithCancel(ctx)
	c.sessionCtx = talking
	if c.Interactive || len(c.Config.Rules.Every) > 0 {
		go func() { // ended by silence
			defer c.Guard()
			c.keepRules(talking)
		}()
	}
	if d := c.dialect.Load(); d != nil {
		go c.keepTime(talking, d) // ended by silence
		c.act(d, c.login(d, session.Handshake()))
		session.Flush()
	}
	listened := make(chan error, 1)
	go func() { // ended by the session's end
		defer c.Guard()
		listened <- session.Run()
	}()
	talked := make(chan error, 1)
	go func() { // ended by silence; the last to begin, as the first to be run when this goroutine waits
		defer c.Guard()
		talked <- c.send(talking)
	}()

	err, ended := c.await(ctx, listened)
	silence()
	if !ended {
		return context.Cause(ctx)
	}
	c.stopCountdown()
	if c.expiry != nil && c.next == nil {
		c.expiry.Stop()
	}
	if shown := c.Output.Flush(); err == nil {
		err = shown
	}
	return c.outcome(ctx, err, <-talked)
}

// Quit says goodbye, as /quit does, and does not wait. It is for any goroutine; false = there is no session to end yet.
func (c *REPL) Quit() bool {
	c.quitting.Store(true)
	session := c.current.Load()
	if session == nil {
		return c.opened.Load()
	}
	go (*session).CloseNow(c.Ending.closeCode(), c.Ending.CloseReason) // ended by the session's end, or by --close-timeout
	return true
}

// closeForContext says goodbye because ctx has ended.
func (c *REPL) closeForContext(ctx context.Context) {
	switch {
	case errors.Is(context.Cause(ctx), ErrOutputGone):
		c.session.Abort()
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
	default:
		c.session.CloseNow(goingAway, "")
	}
}

// interruptTimeout bounds how long the end may take after an interrupt or a time limit, if the server does not answer our
// Close or the reader of our output is slow.
const interruptTimeout = 1800 * time.Millisecond

// await returns how listening ended, or false: we were interrupted, and who reads our output takes nothing.
func (c *REPL) await(ctx context.Context, listened <-chan error) (error, bool) {
	select {
	case err := <-listened:
		return err, true
	case <-ctx.Done():
	}
	select {
	case err := <-listened:
		return err, true
	case <-time.After(interruptTimeout):
		return nil, false
	}
}

// outcome is the one error of a conversation that counts: an interrupt before what went wrong here, that before what
// the other side did, that before what did not come.
func (c *REPL) outcome(ctx context.Context, listened, talked error) error {
	var unconfirmed *client.UnconfirmedError
	d := c.dialect.Load()
	switch {
	case errors.Is(listened, ErrOutputGone), errors.Is(context.Cause(ctx), ErrOutputGone):
		return nil // the reader of our output has gone, and that is the end of it
	case d != nil && d.failure() != nil:
		return d.failure()
	case c.met.Load() && !errors.As(listened, &unconfirmed):
		return nil
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case talked != nil:
		return talked
	case listened != nil && d != nil:
		return d.explain(listened)
	case listened != nil:
		return listened
	}
	if err := c.Ending.unmet(c.received); err != nil || d == nil {
		return err
	}
	return d.unanswered()
}

// Summary is the conversation in numbers, for the end event.
func (c *REPL) Summary() client.Summary {
	if c.session == nil {
		return client.Summary{}
	}
	return c.session.Summary()
}
