package client

import (
	"context"
	"errors"
	"time"

	"wsx/client/dial"
	"wsx/client/wire"
)

// receiver is the state of the goroutine in Run.
type receiver struct {
	*state
	sender      *sender
	dial        func(context.Context) (*dial.Conn, error) // replaces the connection after a loss
	retries     retries
	unconfirmed int           // messages that may not have arrived
	counts      Counts        // messages received so far; published before each wait
	now         time.Time     // when the last read returned
	lastWait    time.Duration // how long the last read waited for bytes
	received    bool          // a fragment of a message was received since the last wait
	inMessage   bool          // a message has begun and not ended
}

// Run receives until the session has ended. It returns nil if this side closed it, or if the server closed with 1000, 1001 or
// no code; otherwise a *CloseError, a *ProtocolError, a *LostError or the error of the handler. With Options.Reconnect it
// connects again after each loss; if it gives up, it returns the *dial.Error of the last attempt, and if messages may not have
// arrived, an *UnconfirmedError. The stream is closed when Run returns.
func (s *Session) Run() error {
	defer s.release()
	return s.receiver.run()
}

// release ends the goroutines and timers of the session.
func (s *Session) release() {
	s.cancel()
	s.closing.end()
}

// run receives until the session has ended, and returns how.
func (r *receiver) run() error {
	for {
		c := r.conn.Load()
		if r.options.PingInterval > 0 {
			c.goroutines.Go(func() { r.keepAlive(c) })
		}
		err := r.receive(c)
		c.closeAndWait()
		r.endConn()
		if r.sender.retransmit == nil {
			return err
		}
		if r.closing.received() {
			return r.unconfirmedErrOr(c, err)
		}
		r.loseConn()
		r.reportUnconfirmed(r.sender.retransmit.connLost(c))
		again := false
		lost, isLost := err.(*LostError)
		if isLost {
			again, err = r.reopen(c, lost)
		}
		if !again {
			r.cancel() // nothing is queued any more
			r.reportUnconfirmed(r.sender.retransmit.unsentAtEnd(isLost))
			return r.reporter.errOr(r.unconfirmedErrOr(c, err))
		}
	}
}

// unconfirmedErrOr returns err, or an *UnconfirmedError if err is nil and messages may not have arrived.
func (r *receiver) unconfirmedErrOr(c *conn, err error) error {
	if err == nil && r.unconfirmed > 0 {
		return &UnconfirmedError{URL: c.peerName(), Count: r.unconfirmed}
	}
	return err
}

// receive handles received frames until the connection ends, and returns the reason.
func (r *receiver) receive(c *conn) error {
	for {
		f, err := c.Next()
		if err != nil {
			r.reporter.flush()
			return r.handleReadError(c, err)
		}
		if f.Opcode == wire.Close {
			return r.handleClose(c, f.Payload)
		}
		r.handleFrame(c, f)
	}
}

// handleFrame reports a fragment of a message or a control frame, and answers a Ping.
func (r *receiver) handleFrame(c *conn, f wire.Fragment) {
	switch f.Opcode {
	case wire.Ping:
		r.reporter.report(Event{Kind: KindPing, Time: r.now, Payload: f.Payload})
		r.reporter.report(Event{Kind: KindPong, Dir: Out, Time: r.now, Payload: f.Payload})
		c.QueueControl(wire.Pong, f.Payload)
	case wire.Pong:
		event := Event{Kind: KindPong, Time: r.now, Payload: f.Payload}
		if probe, ours := c.probes.answered(f.Payload); ours {
			r.pings.addRoundTrip(r.now.Sub(probe.at))
			r.sender.retransmit.confirm(c, probe.upto)
		} else if d, ok := r.pings.answered(string(f.Payload), r.now); ok {
			event.Detail = d
		}
		r.reporter.report(event)
	default:
		r.received = true
		r.inMessage = !f.Last
		r.counts.Bytes += int64(len(f.Payload))
		if f.Last {
			r.counts.Messages++
		}
		r.reportFragment(f)
	}
}

// reportFragment reports a fragment of a message. It does not call report, since passing the large Event once more would cost a
// copy for each message.
func (r *receiver) reportFragment(f wire.Fragment) {
	to := &r.reporter
	if to.err.Load() != nil {
		return
	}
	err := to.handler.Handle(Event{Kind: KindMessage, Type: f.Opcode, First: f.First, Last: f.Last, Time: r.now, Payload: f.Payload})
	to.check(err)
}

// handleClose reports the server's Close, answers it unless we have sent one, and gives the server dropTimeout to close
// the stream first (RFC 6455, section 7.1.1). It returns how the session ended.
func (r *receiver) handleClose(c *conn, payload []byte) error {
	code, reason := wire.ParseClose(payload)
	r.closing.setCode(code)
	r.reporter.report(Event{Kind: KindClose, Code: code, Time: r.now, Payload: reason})
	end := &CloseError{URL: c.peerName(), Code: code, Reason: string(reason), Client: c.accepted()}
	ours := r.closing.ends()
	if !r.closing.begun() {
		r.startClose(code, "", closeWait{timeout: dropTimeout})
		c.awaitDrop()
	}
	if ours || end.normal() {
		return r.reporter.errOr(nil)
	}
	return r.reporter.errOr(end)
}

// handleReadError returns how a connection ended from which no further frame can be read. A violation of the protocol is
// answered with a Close.
func (r *receiver) handleReadError(c *conn, err error) error {
	if handlerErr := r.reporter.errOr(nil); handlerErr != nil {
		return handlerErr
	}
	if violation, ok := errors.AsType[*wire.ProtocolError](err); ok && !r.closing.begun() {
		if violation.Invalid != nil {
			r.reportInvalid(c, violation)
		}
		r.startClose(violation.Code, violation.Reason, closeWait{timeout: dropTimeout})
		c.awaitDrop()
		return &ProtocolError{URL: c.peerName(), Code: violation.Code, Reason: violation.Reason, HTTP: violation.HTTP, Inflate: violation.Inflate}
	}
	err = c.cutBecause(err)
	switch {
	case !r.closing.ends():
	case r.sender.retransmit == nil && r.sender.hasUnwritten():
		err = errUnwritten
	default:
		return nil // after our Close, or a message that stands for it, the end of the stream is not a loss
	}
	return &LostError{
		URL: c.peerName(), Err: err, Client: c.accepted(),
		Idle: r.lastWait, NoPong: errors.Is(err, errNoPong), Retried: r.options.Reconnect,
	}
}

// invalidTimeout bounds how long the rest of a frame that is not UTF-8 is read, so that it can be shown, before our Close is
// sent.
const invalidTimeout = 500 * time.Millisecond

// reportInvalid reports text that is not UTF-8, up to the end of its frame. If that takes longer than invalidTimeout, our Close
// is sent, and the rest is reported until the stream ends.
func (r *receiver) reportInvalid(c *conn, violation *wire.ProtocolError) {
	overdue := time.AfterFunc(invalidTimeout, func() {
		r.startClose(violation.Code, violation.Reason, closeWait{timeout: dropTimeout})
	})
	defer overdue.Stop()
	f, ok := *violation.Invalid, true
	for {
		last := f.Last || !ok
		r.reporter.report(Event{Kind: KindInvalid, Type: f.Opcode, First: f.First, Last: last, Time: r.now, Payload: f.Payload})
		if last {
			break
		}
		f, ok = c.Rest()
		f.Opcode = wire.Text
	}
	r.reporter.flush()
}
