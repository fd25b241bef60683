package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wsx/client/wire"
	"wsx/dialect"
)

// loginTimeout bounds the login of a dialect.
const loginTimeout = 10 * time.Second

// confirmTimeout bounds the wait for the confirmation of a subscription, which not every protocol has.
const confirmTimeout = 2 * time.Second

func newProtocol(c *conn, up Opened) *protocol {
	p := &protocol{conn: c, state: up.State, ready: make(chan error, 1), opened: make(chan error, 1)}
	p.do = p.act // made once, and not for each message
	return p
}

// login starts the dialect, and waits until verbs may be used.
func (p *protocol) login(ctx context.Context, up Opened) error {
	p.send(p.state.Open(time.Now(), up.Handshake.Subprotocol, up.Handshake.URL), 0)
	select {
	case err := <-p.ready:
		if err != nil {
			return err
		}
	case <-time.After(loginTimeout):
		return p.refused(fmt.Sprintf("no answer within %v", loginTimeout))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for _, verb := range p.conn.run.Opening {
		if err := p.use(ctx, verb); err != nil {
			return err
		}
	}
	return nil
}

// use uses a verb of Options.Opening, and waits for its reply. A subscription may lack one.
func (p *protocol) use(ctx context.Context, verb *Verb) error {
	words := p.conn.words(verb, 0)
	select {
	case <-p.opened: // discard the late confirmation of an earlier verb
	default:
	}
	number, out, err := p.state.Verb(time.Now(), verb.name, words)
	p.opening.Store(int64(number))
	p.send(out, 0)
	if err != nil || len(out.Started) == 0 || !out.Started[0].Awaited && !out.Started[0].Live {
		return err
	}
	limit := loginTimeout
	if out.Started[0].Live {
		limit = confirmTimeout
	}
	select {
	case err = <-p.opened:
		if err != nil {
			return &dialect.LoginError{Dialect: p.state.Dialect().Name, What: verb.name, Why: err.Error()}
		}
	case <-time.After(limit):
		p.opening.Store(0)
		if !out.Started[0].Live {
			return &dialect.LoginError{Dialect: p.state.Dialect().Name, What: verb.name, Why: fmt.Sprintf("no reply within %v", limit)}
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// confirm handles the reply to a verb of the opening.
func (p *protocol) confirm(e *dialect.Event) {
	var err error
	if e.Kind == dialect.KindError {
		err = errors.New(string(e.Text()))
	}
	p.opening.Store(0)
	p.openingDone(err)
}

// openingDone delivers the result of a verb of the opening, once.
func (p *protocol) openingDone(err error) {
	select {
	case p.opened <- err:
	default:
	}
}

func (p *protocol) refused(why string) error {
	return &dialect.LoginError{Dialect: p.state.Dialect().Name, What: "login", Why: why}
}

// loginDone delivers the result of the login, once.
func (p *protocol) loginDone(err error) {
	select {
	case p.ready <- err:
	default:
	}
}

// send sends the messages of an output of the dialect, after those of the outputs before it, and handles its other parts but the
// events. The messages count if the time is measured.
func (p *protocol) send(out dialect.Output, now int64) {
	if p.conn.run.measured(now) {
		for _, m := range out.Send {
			p.conn.shard.out.Add(uint64(len(m.Data)))
		}
	}
	p.queue.Add(out, p.do)
}

// act handles an output, except its events.
func (p *protocol) act(out dialect.Output) {
	for _, m := range out.Send {
		op := wire.Text
		if m.Binary {
			op = wire.Binary
		}
		p.conn.frames.WriteMessage(op, m.Data) // if that fails, reading fails as well
	}
	if len(out.Send) > 0 {
		p.conn.frames.Flush()
	}
	if out.Close != nil {
		p.conn.frames.QueueControl(wire.Close, wire.ClosePayload(out.Close.Code, out.Close.Reason))
	}
	if p.state.LoggedIn() {
		p.loginDone(nil)
	}
	if out.Rescheduled {
		p.setTimer(out.Next)
	}
}

// setTimer sets the time of the next call of tick.
func (p *protocol) setTimer(next time.Time) {
	if p.timer != nil {
		p.timer.Stop()
	}
	if !next.IsZero() {
		p.timer = time.AfterFunc(time.Until(next), p.tick)
	}
}

func (p *protocol) tick() { p.send(p.state.Tick(time.Now()), p.conn.run.now()) }

// call uses the verb as the message that was due at a time.
func (p *protocol) call(due int64) {
	c := p.conn
	words := c.words(c.run.Verb, due)
	c.seq++
	number, out, err := p.state.Verb(time.Now(), c.run.Verb.name, words)
	awaited := len(out.Started) > 0 && (out.Started[0].Awaited || out.Started[0].Live)
	switch {
	case err == nil && !c.run.awaitsReplies():
		c.sentUnanswered()
	case err != nil || !awaited: // the verb cannot be used, or has no reply
		p.failed("no reply", due)
		c.run.replied(1)
	case !c.awaitCall(number, due):
		c.run.replied(1)
	}
	p.send(out, due)
	if c.run.measured(due) {
		c.shard.sent.Add(1)
	}
}

// awaitCall records that a call waits for its reply, and reports whether the connection is open.
func (c *conn) awaitCall(number int, due int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	if c.calls == nil {
		c.calls = map[int]int64{}
	}
	c.calls[number] = due
	return true
}

// words returns the words of a verb, filled in for the next message of the connection.
func (c *conn) words(v *Verb, due int64) []dialect.Word {
	words := make([]dialect.Word, len(v.words))
	for i, word := range v.words {
		words[i].Text = string(c.payload(word, due))
	}
	return words
}

// receive handles a message.
func (p *protocol) receive(binary bool, payload []byte, now int64) {
	out, err := p.state.Receive(time.Now(), binary, payload)
	p.send(out, now)
	if err != nil {
		p.conn.run.fail("protocol", 1)
	}
	for i := range out.Events {
		p.event(&out.Events[i], now)
	}
}

// event handles an event of the dialect: the reply to a verb, one of several replies, or the result of the login.
func (p *protocol) event(e *dialect.Event, now int64) {
	c := p.conn
	switch {
	case e.Kind == dialect.KindRefused:
		p.loginDone(p.refused(string(e.Text())))
		return
	case e.Call > 0 && int64(e.Call) == p.opening.Load():
		p.confirm(e)
		return
	case c.run.Scenario == "fanout" && e.Kind == dialect.KindError:
		p.failed("reply", now)
		return
	case c.run.Scenario == "fanout":
		c.handle(e.Text(), now)
		return
	case c.run.Scenario == "receive" && !e.Final() && !e.Hidden():
		c.handle(e.Text(), now)
		return
	case !e.Final() && e.Kind != dialect.KindItem:
		return
	}
	c.mu.Lock()
	due, found := c.calls[e.Call]
	delete(c.calls, e.Call)
	c.mu.Unlock()
	if !found {
		return
	}
	if e.Kind == dialect.KindError {
		p.failed("reply", due)
	} else {
		c.run.record(c.shard, due, now)
	}
	if c.run.Scenario == "echo" && c.run.Rate == 0 && now < c.run.to.Load() {
		c.sendNow(now)
	}
	c.run.replied(1)
}

// failed counts an error, if the message that was due at a time is measured.
func (p *protocol) failed(kind string, due int64) {
	if p.conn.run.measured(due) {
		p.conn.run.fail(kind, 1)
	}
}

// sendClosingMessages sends the messages of the dialect that precede a Close, and then calls then.
func (p *protocol) sendClosingMessages(then func()) {
	p.queue.Add(p.state.BeforeClose(time.Now()), func(out dialect.Output) {
		p.act(out)
		then()
	})
}

// end ends the login, the opening and the timers of a connection that has ended.
func (p *protocol) end() {
	p.loginDone(p.refused("the server closed the connection"))
	p.openingDone(errors.New("the server closed the connection"))
	p.state.Lost()
}
