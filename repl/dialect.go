package repl

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
	"wsx/client/dial"
	"wsx/dialect"
	"wsx/repl/render"
)

// Dialect translates the messages of a session.
type Dialect struct {
	State      *dialect.State
	Verb       []string                                      // the one verb to use, and its words; empty = lines are read
	Everything bool                                          // with Verb: show also what does not belong to it
	Timeout    time.Duration                                 // how long its reply may take; 0 = defaultTimeout
	Read       func(name string) ([]byte, error)             // reads the file of a word like @FILE
	Remote     func(verb string, words []dialect.Word) error // uses a verb in the process that translates the session; nil = this process translates
	Called     func(call int)                                // called with the number of each verb before anything is sent; nil = it is not called
	Started    func(dialect.Started)                         // called with each verb before its messages are sent; nil = it is not called

	wake      chan struct{} // gets a signal when the time of the next Tick has changed
	verbEnded chan error    // receives how the verb of Dialect.Verb ended

	queue  dialect.Queue // of what is sent
	losses atomic.Int64  // number of connections that were lost

	isSubscription atomic.Bool // the one verb is a subscription
	hasReply       atomic.Bool // something was received for it
	hasEnded       atomic.Bool // it has ended

	mu          sync.Mutex // guards the fields below
	next        time.Time  // when Tick must be called; zero = never
	knownEvents []string   // of received events, for Tab
	endErr      error      // the error that the dialect ended the session with
	hasReplied  bool       // the one verb has ended with what was received for it
	replyErr    error      // the error reply that it ended with; nil = another reply
}

// firstCall is the number of the first verb, which is that of Dialect.Verb.
const firstCall = 1

// defaultTimeout is how long a reply may take.
const defaultTimeout = 5 * time.Second

// The bounds of the event names that Tab offers.
const (
	maxNames      = 256
	maxNameLength = 64 // bytes
)

// setDialect sets the dialect that translates the session from now on.
func (s *state) setDialect(d *Dialect) {
	d.wake, d.verbEnded = make(chan struct{}, 1), make(chan error, 1)
	d.queue.Go = func(run func()) {
		s.background.Go(func() { // ended when it has sent, or by the session's end
			defer s.Guard()
			run()
			s.session.Flush()
		})
	}
	s.dialect.Store(d)
	s.Output.Redact(d.State.Secrets())
	if s.Completion != nil {
		s.Completion.dialect.Store(d)
	}
}

// isLocal reports whether there is a dialect and this process translates messages.
func (d *Dialect) isLocal() bool { return d != nil && d.Remote == nil }

// oneShot reports whether the session is there for one verb.
func (d *Dialect) oneShot() bool { return len(d.Verb) > 0 }

// login returns what the dialect sends on a new connection.
func (s *state) login(d *Dialect, h *dial.Handshake) dialect.Output {
	return d.State.Open(time.Now(), h.Subprotocol, h.URL)
}

// closeTimeout bounds how long a Close of the dialect waits for what it has decided to send before.
const closeTimeout = time.Second

// apply does what the dialect has decided: it shows events, sends messages, and ends the session. It returns after that.
func (s *state) apply(d *Dialect, out dialect.Output) error {
	err := s.showEvents(d, out)
	if out.Close != nil {
		defer s.closeIfBlocked(closeTimeout, out.Close.Code, out.Close.Reason).Stop()
	} else if out.Exit != nil {
		defer s.closeIfBlocked(s.endTimeout(), s.Ending.closeCode(), s.Ending.CloseReason).Stop()
	}
	d.queue.Do(out, func(out dialect.Output) {
		if err == nil {
			s.act(d, out, nil)
		}
	})
	return err
}

// applyReceived is apply for what was received. Answers are sent by another goroutine: a server that does not read until it is read
// from would otherwise block the receiver. If sent messages are shown, the receiver sends, which keeps the order of what is shown.
func (r *receiver) applyReceived(d *Dialect, out dialect.Output) error {
	if r.Options.ReportSent || r.Options.Trace || len(out.Started) > 0 || out.Close != nil || out.Exit != nil {
		r.unflushed = r.unflushed || len(out.Send) > 0
		return r.apply(d, out)
	}
	losses := d.losses.Load()
	d.queue.Add(out, func(out dialect.Output) {
		r.act(d, out, func() bool { return d.losses.Load() > losses }) // the next connection begins with the login
	})
	return r.showEvents(d, out)
}

// act performs the actions of an output besides its events. Dialect.queue calls it. Nothing more is sent once stale reports true;
// nil = everything is sent.
func (s *state) act(d *Dialect, out dialect.Output, stale func() bool) {
	d.begin(out.Started)
	s.sendForDialect(out.Send, stale)
	if out.Rescheduled {
		d.reschedule(out.Next)
	}
	d.endUnanswered(out.Started)
	switch {
	case out.Exit != nil && *out.Exit != 0:
		s.endDialect(d, &StatusError{*out.Exit})
	case out.Exit != nil:
		s.done.Store(true)
		s.endDialect(d, nil)
	case out.Close != nil:
		s.session.CloseNow(out.Close.Code, out.Close.Reason)
	}
}

// showEvents shows the notes and events that the dialect has made of what was received.
func (s *state) showEvents(d *Dialect, out dialect.Output) error {
	for _, note := range out.Notes {
		if err := s.Output.Status("* " + note); err != nil {
			return err
		}
	}
	for i := range out.Events {
		if err := s.showEvent(d, &out.Events[i], i > 0 && sameMessage(&out.Events[i-1], &out.Events[i])); err != nil {
			return err
		}
	}
	for i := range out.Events {
		d.noteReply(&out.Events[i])
	}
	return nil
}

func sameMessage(a, b *dialect.Event) bool {
	return len(a.Raw) > 0 && len(b.Raw) > 0 && &a.Raw[0] == &b.Raw[0]
}

// begin reports verbs whose messages are about to be sent. Their answers may be received before sendForDialect returns.
func (d *Dialect) begin(started []dialect.Started) {
	for _, s := range started {
		if s.Call == firstCall && s.Live {
			d.isSubscription.Store(true)
		}
		if d.Started != nil {
			d.Started(s)
		}
	}
}

// endUnanswered ends the verb of Dialect.Verb if it was sent and no reply is expected.
func (d *Dialect) endUnanswered(started []dialect.Started) {
	for _, s := range started {
		if s.Call == firstCall && !s.Live && !s.Awaited {
			d.endVerb(nil)
		}
	}
}

// reschedule sets when Tick must be called.
func (d *Dialect) reschedule(next time.Time) {
	d.mu.Lock()
	d.next = next
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// noteReply records an event of the verb of Dialect.Verb, and whether the verb has ended.
func (d *Dialect) noteReply(e *dialect.Event) {
	switch {
	case !d.oneShot() || e.Call != firstCall:
		return
	case e.Kind == dialect.KindError:
		d.endWithReply(&ReplyError{cmp.Or(e.Name, d.Verb[0]), string(e.Text())})
	case e.Kind == dialect.KindDone, e.Kind == dialect.KindReply && !e.Live:
		d.endWithReply(nil)
	}
	d.hasReply.Store(true)
}

// endWithReply ends the verb of Dialect.Verb with what was received for it; err = it was an error reply.
func (d *Dialect) endWithReply(err error) {
	d.mu.Lock()
	if !d.hasReplied {
		d.hasReplied, d.replyErr = true, err
	}
	d.mu.Unlock()
	d.endVerb(err)
}

// NoteStarted records a verb whose messages another process has sent.
func (d *Dialect) NoteStarted(s dialect.Started) {
	started := []dialect.Started{s}
	d.begin(started)
	d.endUnanswered(started)
}

// endVerb reports how the verb of Dialect.Verb ended.
func (d *Dialect) endVerb(err error) {
	d.hasEnded.Store(true)
	select {
	case d.verbEnded <- err:
	default: // it has ended already
	}
}

// isAside reports whether an event does not belong to the verb of Dialect.Verb. Then only JSON and recordings show it.
func (d *Dialect) isAside(e *dialect.Event) bool {
	switch {
	case e.Kind == dialect.KindRefused:
		return true // the error of the session has it
	case !d.oneShot() || d.Everything || e.Kind == dialect.KindOutput || e.Kind == dialect.KindErrors:
		return false
	case e.Call == firstCall:
		return e.Kind == dialect.KindError || e.Kind == dialect.KindReply && e.Live
	}
	return !d.isSubscription.Load()
}

// showEvent shows an event of the dialect, and ends the session if it was waited for.
func (s *state) showEvent(d *Dialect, event *dialect.Event, again bool) error {
	e := client.Event{
		Kind: client.KindMessage, Dir: client.In, Type: client.Text, First: true, Last: true, Time: time.Now(),
		Payload: event.Raw, Detail: render.As{Event: event, Again: again || event.Raw == nil, Aside: d.isAside(event)},
	}
	if event.Binary {
		e.Type = client.Binary
	}
	return s.handleTranslatedEvent(d, e)
}

// handleTranslated handles a message that another process has translated.
func (s *state) handleTranslated(d *Dialect, e client.Event) error {
	as := e.Detail.(render.As)
	as.Aside = d.isAside(as.Event)
	e.Detail = as
	if err := s.handleTranslatedEvent(d, e); err != nil {
		return err
	}
	d.noteReply(as.Event)
	return nil
}

// handleTranslatedEvent shows a translated message, answers it, and ends the session if it was waited for. The goroutine that used a
// verb, the receiver and that of the timers may call it at the same time.
func (s *state) handleTranslatedEvent(d *Dialect, e client.Event) error {
	as := e.Detail.(render.As)
	event, counts := as.Event, !as.Aside && !as.Event.Hidden()
	if s.done.Load() {
		return nil
	}
	number, most := int64(0), int64(s.Ending.Count)
	if counts {
		number = s.received.Add(1)
	}
	if most > 0 && number > most {
		return nil // another goroutine ends the session
	}
	d.learnName(event)
	if err := s.Output.Show(&e); err != nil {
		return err
	}
	answers, ends := s.match.matchTranslated(e)
	if err := s.sendAnswers(answers); err != nil {
		return err
	}
	if event.Kind == dialect.KindRefused {
		s.endDialect(d, &dialect.LoginError{Dialect: d.State.Dialect().Name, What: "login", Why: string(event.Text())})
	}
	if !counts {
		return nil
	}
	s.signalAnswer()
	if (ends || number == most) && !s.done.Swap(true) {
		s.endDialect(d, nil)
	}
	return nil
}

// learnName records the name of an event for Tab.
func (d *Dialect) learnName(e *dialect.Event) {
	if e.Kind != dialect.KindEvent || e.Name == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.knownEvents) < maxNames && len(e.Name) <= maxNameLength && !slices.Contains(d.knownEvents, e.Name) {
		d.knownEvents = append(d.knownEvents, e.Name)
	}
}

// sendForDialect sends messages that a dialect has made, until stale reports true; nil = all of them.
func (s *state) sendForDialect(messages []dialect.Message, stale func() bool) {
	for _, m := range messages {
		if stale != nil && stale() {
			return
		}
		kind := client.Text
		if m.Binary {
			kind = client.Binary
		}
		s.session.Reply(kind, m.Data, true, true) // Run reports why it cannot be written
	}
}

// translateMessage joins the fragments of a message, translates it, and applies the result.
func (r *receiver) translateMessage(d *Dialect, e *client.Event) error {
	if r.done.Load() {
		return nil
	}
	if !e.First || !e.Last {
		if e.First {
			r.fragments = r.fragments[:0]
		}
		if r.fragments = append(r.fragments, e.Payload...); !e.Last {
			return nil
		}
		e.Payload = r.fragments
	}
	out, err := d.State.Receive(time.Now(), e.Type == client.Binary, e.Payload)
	if err != nil {
		return err
	}
	return r.applyReceived(d, out)
}

// handleConn informs the dialect that there is a new connection, that it was lost, or that the server closed it.
func (s *state) handleConn(d *Dialect, e *client.Event) {
	if !d.isLocal() {
		return
	}
	switch e.Kind {
	case client.KindOpen:
		out := s.login(d, e.Detail.(*dial.Handshake))
		s.background.Go(func() { // sending may block until the server is read from; ended by the session's end
			defer s.Guard()
			s.apply(d, out)
			s.session.Flush()
		})
	case client.KindRetry:
		d.losses.Add(1)
		d.State.Lost()
	case client.KindClose:
		if e.Dir == client.In && s.Options.Reconnect && !d.State.Retries(e.Code, string(e.Payload)) {
			s.session.CloseNow(s.Ending.closeCode(), s.Ending.CloseReason)
		}
	}
}

// runTicks calls the dialect's Tick when it is due, for messages that it repeats.
func (s *state) runTicks(ctx context.Context, d *Dialect) {
	defer s.Guard()
	for ctx.Err() == nil && s.dialect.Load() == d {
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
			if s.dialect.Load() == d {
				out := d.State.Tick(time.Now())
				if !out.Rescheduled { // what set the timers has not been done yet, or did not happen
					d.reschedule(out.Next)
				}
				s.apply(d, out)
				s.session.Flush()
			}
		case <-d.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}
