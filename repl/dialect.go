package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"wsx/client"
	"wsx/client/dial"
	"wsx/dialect"
	"wsx/repl/render"
)

// Dialect is how a session is translated.
type Dialect struct {
	State      *dialect.State
	Verb       []string                                      // the one verb to use, and its words; none = lines are read
	Everything bool                                          // with Verb: show also what does not belong to it
	Patience   time.Duration                                 // how long its reply may take; 0 = defaultPatience
	Read       func(name string) ([]byte, error)             // reads the file of a word like @FILE
	Elsewhere  func(verb string, words []dialect.Word) error // another process translates the session, and this has it use a verb; nil = none does
	Called     func(call int)                                // gets the number of each verb that is used, before anything is sent; nil = it is not called
	Started    func(dialect.Started)                         // gets each verb whose messages are about to be sent; nil = it is not called

	wake      chan struct{} // the next Tick may be sooner than it was
	verbEnded chan error    // gets how the one verb ended

	showing sync.Mutex // held while events are shown, so that each is counted once

	mu     sync.Mutex // guards the fields below
	next   time.Time  // when Tick is wanted; zero = never
	live   bool       // the one verb is a subscription
	begun  bool       // something was received for it
	over   bool       // it has ended
	names  []string   // of received events, for Tab
	ending error      // what the dialect ended the session with
}

// oneVerb is the number of the verb of a session that uses one: the first.
const oneVerb = 1

// defaultPatience is how long a reply may take.
const defaultPatience = 5 * time.Second

// The bounds of the names that Tab knows.
const (
	mostNames   = 256
	longestName = 64 // bytes
)

// ReplyError is an error reply to a verb, or a server that closed before the reply.
type ReplyError struct{ Name, Text string }

func (e *ReplyError) Error() string { return e.Name + ": " + e.Text }

// Kind returns the kind of the error event.
func (e *ReplyError) Kind() string { return "close" }

// NotLoggedInError is the end of a session while verbs waited for the login of the dialect.
type NotLoggedInError struct {
	Name  string // of the dialect
	Verbs int
}

func (e *NotLoggedInError) Error() string {
	verbs := "verb was"
	if e.Verbs > 1 {
		verbs = "verbs were"
	}
	return fmt.Sprintf("%s: the session ended before the login was complete; %d %s not sent", e.Name, e.Verbs, verbs)
}

// Kind returns the kind of the error event.
func (e *NotLoggedInError) Kind() string { return "handshake" }

// StatusError is the exit code of a program that the server ran, not 0.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("the remote program ended with exit code %d", e.Code)
}

// Kind returns the kind of the error event.
func (e *StatusError) Kind() string { return "io" }

// translate begins to translate the session, or another way.
func (c *REPL) translate(d *Dialect) {
	d.wake, d.verbEnded = make(chan struct{}, 1), make(chan error, 1)
	c.dialect.Store(d)
	c.Output.Redact(d.State.Secrets())
	if c.Completion != nil {
		c.Completion.dialect.Store(d)
	}
}

// isOurs reports whether there is a dialect, and messages are translated here.
func (d *Dialect) isOurs() bool { return d != nil && d.Elsewhere == nil }

// oneShot reports whether the session is there for one verb.
func (d *Dialect) oneShot() bool { return len(d.Verb) > 0 }

// login begins a connection in the dialect.
func (c *REPL) login(d *Dialect, h *dial.Handshake) dialect.Output {
	return d.State.Open(time.Now(), h.Subprotocol, h.URL)
}

// act sends, shows and ends what the dialect has decided.
func (c *REPL) act(d *Dialect, out dialect.Output) error {
	if err := c.showMeanings(d, out); err != nil {
		return err
	}
	for _, m := range out.Send {
		kind := client.Text
		if m.Binary {
			kind = client.Binary
		}
		c.session.Reply(kind, m.Data, true, true) // that it cannot be written is for Run to explain
	}
	d.follow(out)
	switch {
	case out.Exit != nil && *out.Exit != 0:
		c.endDialect(d, &StatusError{*out.Exit})
	case out.Exit != nil:
		c.met.Store(true)
		c.endDialect(d, nil)
	case out.Close != nil:
		c.session.CloseNow(out.Close.Code, out.Close.Reason)
	}
	return nil
}

// showMeanings shows what was received, as the dialect understands it.
func (c *REPL) showMeanings(d *Dialect, out dialect.Output) error {
	if len(out.Notes) == 0 && len(out.Events) == 0 {
		return nil
	}
	d.showing.Lock()
	defer d.showing.Unlock()
	for _, note := range out.Notes {
		if err := c.Output.Status("* " + note); err != nil {
			return err
		}
	}
	for i := range out.Events {
		if err := c.showMeaning(d, &out.Events[i], i > 0 && sameMessage(&out.Events[i-1], &out.Events[i])); err != nil {
			return err
		}
	}
	return nil
}

func sameMessage(a, b *dialect.Event) bool {
	return len(a.Raw) > 0 && len(b.Raw) > 0 && &a.Raw[0] == &b.Raw[0]
}

// follow remembers when Tick is wanted, and reports the end of the one verb.
func (d *Dialect) follow(out dialect.Output) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !out.Next.Equal(d.next) {
		d.next = out.Next
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
	if d.Started != nil {
		for _, s := range out.Started {
			d.Started(s)
		}
	}
	if !d.oneShot() {
		return
	}
	for _, s := range out.Started {
		d.live = d.live || s.Call == oneVerb && s.Live
		if s.Call == oneVerb && !s.Live && !s.Awaited {
			d.endVerb(nil)
		}
	}
	for i := range out.Events {
		e := &out.Events[i]
		switch {
		case e.Call != oneVerb:
			continue
		case e.Kind == dialect.KindError:
			d.endVerb(&ReplyError{cmp.Or(e.Name, d.Verb[0]), string(e.Text())})
		case e.Kind == dialect.KindDone, e.Kind == dialect.KindReply && !e.Live:
			d.endVerb(nil)
		}
		d.begun = true
	}
}

// Begun notes a verb whose messages another process has sent.
func (d *Dialect) Begun(s dialect.Started) {
	d.follow(dialect.Output{Started: []dialect.Started{s}})
}

// endVerb reports how the one verb ended. The lock is held.
func (d *Dialect) endVerb(err error) {
	d.over = true
	select {
	case d.verbEnded <- err:
	default: // it has ended already
	}
}

// aside reports whether an event does not belong to the one verb: then only JSON and recordings show it.
func (d *Dialect) aside(e *dialect.Event) bool {
	switch {
	case e.Kind == dialect.KindRefused:
		return true // the error of the session has it
	case !d.oneShot() || d.Everything || e.Kind == dialect.KindOutput || e.Kind == dialect.KindErrors:
		return false
	case e.Call == oneVerb:
		return e.Kind == dialect.KindError || e.Kind == dialect.KindReply && e.Live
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.live
}

// showMeaning shows what a message means, and does what follows from it.
func (c *REPL) showMeaning(d *Dialect, event *dialect.Event, again bool) error {
	if c.met.Load() {
		return nil
	}
	e := client.Event{
		Kind: client.KindMessage, Dir: client.In, Type: client.Text, First: true, Last: true, Time: time.Now(),
		Payload: event.Raw, Detail: render.As{Event: event, Again: again || event.Raw == nil, Aside: d.aside(event)},
	}
	if event.Binary {
		e.Type = client.Binary
	}
	return c.handleMeaning(d, e)
}

// handleTranslated handles a message that another process has translated.
func (c *REPL) handleTranslated(d *Dialect, e client.Event) error {
	d.showing.Lock()
	defer d.showing.Unlock()
	if c.met.Load() {
		return nil
	}
	as := e.Detail.(render.As)
	as.Aside = d.aside(as.Event)
	e.Detail = as
	if err := c.handleMeaning(d, e); err != nil {
		return err
	}
	d.follow(dialect.Output{Events: []dialect.Event{*as.Event}})
	return nil
}

// handleMeaning shows a message that has a meaning, and does what follows from it.
func (c *REPL) handleMeaning(d *Dialect, e client.Event) error {
	as := e.Detail.(render.As)
	event, aside := as.Event, as.Aside
	d.learn(event)
	if err := c.Output.Show(&e); err != nil {
		return err
	}
	if err := c.matchMeaning(e); err != nil {
		return err
	}
	if err := c.sendAnswers(); err != nil {
		return err
	}
	if event.Kind == dialect.KindRefused {
		c.endDialect(d, &dialect.LoginError{Dialect: d.State.Dialect().Name, What: "login", Why: string(event.Text())})
	}
	if aside || event.Hidden() {
		return nil
	}
	c.received++
	c.signalAnswer()
	if c.match.met || c.received == c.Ending.Count {
		c.met.Store(true)
		c.endDialect(d, nil)
	}
	return nil
}

// matchMeaning passes a meaning to the matcher.
func (c *REPL) matchMeaning(e client.Event) error {
	as := e.Detail.(render.As)
	e.Payload, e.Type = as.Event.Text(), client.Text
	if !utf8.Valid(e.Payload) {
		e.Type = client.Binary
	}
	if as.Event.Hidden() { // it ends nothing, but a script may wait for it
		if e.Payload = as.Event.Raw; c.Inbox != nil {
			c.Inbox.Handle(&e)
		}
		return nil
	}
	return c.match.Render(io.Discard, e)
}

// learn keeps the names of events for Tab, and what the one verb is.
func (d *Dialect) learn(e *dialect.Event) {
	if e.Kind != dialect.KindEvent || e.Name == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.names) < mostNames && len(e.Name) <= longestName && !slices.Contains(d.names, e.Name) {
		d.names = append(d.names, e.Name)
	}
}

// endDialect ends the session as the dialect does, because of an error, or nil.
func (c *REPL) endDialect(d *Dialect, err error) {
	d.mu.Lock()
	d.ending = cmp.Or(d.ending, err)
	d.mu.Unlock()
	c.sendBye(d)
	c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
}

// sendBye sends the messages of the dialect before a Close.
func (c *REPL) sendBye(d *Dialect) {
	if !d.isOurs() {
		return
	}
	for _, m := range d.State.Bye(time.Now()).Send {
		kind := client.Text
		if m.Binary {
			kind = client.Binary
		}
		c.session.Reply(kind, m.Data, true, true)
	}
	c.session.Flush()
}

// failure returns what the dialect ended the session with; nil = with nothing.
func (d *Dialect) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ending
}

// explain makes a Close before the login was done a refusal of the login.
func (d *Dialect) explain(ended error) error {
	if closed, ok := errors.AsType[*client.CloseError](ended); ok && closed.Code >= loginCodes && !d.State.LoggedIn() {
		return &dialect.LoginError{Dialect: d.State.Dialect().Name, What: "login", Why: closed.Error()}
	}
	return ended
}

// unanswered returns the error of a session that ended well, but before the reply to its one verb or before the login; nil = neither.
func (d *Dialect) unanswered() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if queued := d.State.Queued(); queued > 0 && !d.oneShot() {
		return &NotLoggedInError{d.State.Dialect().Name, queued}
	}
	if !d.oneShot() || d.over || d.begun {
		return nil
	}
	return &ReplyError{d.Verb[0], "the server closed before the reply"}
}

// loginCodes is the first of the close codes that protocols have for themselves (RFC 6455, section 7.4.2).
const loginCodes = 4000

// translateMessage translates a message, and does what follows.
func (c *receiver) translateMessage(d *Dialect, e *client.Event) error {
	if c.met.Load() {
		return nil
	}
	if !e.First || !e.Last {
		if e.First {
			c.fragments = c.fragments[:0]
		}
		if c.fragments = append(c.fragments, e.Payload...); !e.Last {
			return nil
		}
		e.Payload = c.fragments
	}
	out, err := d.State.Receive(time.Now(), e.Type == client.Binary, e.Payload)
	if err != nil {
		return err
	}
	return c.act(d, out)
}

// handleConn passes to the dialect that there is another connection, that it was lost, or that the server closed it.
func (c *REPL) handleConn(d *Dialect, e *client.Event) {
	if !d.isOurs() {
		return
	}
	switch e.Kind {
	case client.KindOpen:
		out := c.login(d, e.Detail.(*dial.Handshake))
		go func() { // it may wait for the server, which must be read meanwhile; ended by the session's end
			defer c.Guard()
			c.act(d, out)
			c.session.Flush()
		}()
	case client.KindRetry:
		d.State.Lost()
	case client.KindClose:
		if e.Dir == client.In && c.Options.Reconnect && !d.State.Retries(e.Code, string(e.Payload)) {
			c.session.CloseNow(c.Ending.closeCode(), c.Ending.CloseReason)
		}
	}
}

// keepTime lets the dialect send what it sends again and again.
func (c *REPL) keepTime(ctx context.Context, d *Dialect) {
	for ctx.Err() == nil && c.dialect.Load() == d {
		d.mu.Lock()
		next := d.next
		d.mu.Unlock()
		if next.IsZero() {
			select {
			case <-d.wake:
			case <-ctx.Done():
			}
			continue
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-timer.C:
			c.act(d, d.State.Tick(time.Now()))
			c.session.Flush()
		case <-d.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}
