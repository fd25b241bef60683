package client

import (
	"errors"
	"time"

	"wsx/client/wire"
)

// Run receives until the session has ended. It returns nil if this side closed it, or if the server closed with 1000, 1001 or
// no code; otherwise a *CloseError, a *ProtocolError, a *LostError or the error of the handler. With Options.Reconnect it
// connects again after each loss; if it gives up, it returns the *dial.Error of the last attempt, and if messages may not have
// arrived, an *UnconfirmedError. The stream is closed when Run returns.
func (s *Session) Run() error {
	defer s.release()
	for {
		c := s.conn.Load()
		if s.options.PingInterval > 0 {
			c.goroutines.Go(func() { s.keepAlive(c) })
		}
		err := s.receive(c)
		c.closeAndWait()
		s.activity.reset()
		if s.retransmit == nil {
			return err
		}
		if s.closeReceived() {
			return s.unconfirmedErrOr(c, err)
		}
		s.reportUnconfirmed(s.retransmit.connLost(c))
		again := false
		if lost, ok := err.(*LostError); ok {
			again, err = s.reopen(c, lost)
		}
		if !again {
			s.reportUnconfirmed(s.retransmit.unsentAtEnd())
			return s.handlerErrOr(s.unconfirmedErrOr(c, err))
		}
	}
}

// unconfirmedErrOr returns err, or an *UnconfirmedError if err is nil and messages may not have arrived.
func (s *Session) unconfirmedErrOr(c *conn, err error) error {
	if err == nil && s.unconfirmed > 0 {
		return &UnconfirmedError{URL: c.peerName(), Count: s.unconfirmed}
	}
	return err
}

// release ends the goroutines and timers of the session.
func (s *Session) release() {
	s.cancel()
	s.retransmit.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeTimer != nil {
		s.closeTimer.Stop()
	}
}

// receive handles received frames until the connection ends, and returns the reason.
func (s *Session) receive(c *conn) error {
	for {
		f, err := c.Next()
		if err != nil {
			s.flushHandler()
			return s.handleReadError(c, err)
		}
		if f.Opcode == wire.Close {
			return s.handleClose(c, f.Payload)
		}
		s.handleFrame(c, f)
	}
}

// handleFrame reports a fragment of a message or a control frame, and answers a Ping.
func (s *Session) handleFrame(c *conn, f wire.Fragment) {
	switch f.Opcode {
	case wire.Ping:
		s.report(Event{Kind: KindPing, Time: s.activity.now, Payload: f.Payload})
		s.report(Event{Kind: KindPong, Dir: Out, Time: s.activity.now, Payload: f.Payload})
		c.Post(wire.Pong, f.Payload)
	case wire.Pong:
		event := Event{Kind: KindPong, Time: s.activity.now, Payload: f.Payload}
		if probe, ours := c.probes.answered(f.Payload); ours {
			s.addRoundTrip(s.activity.now.Sub(probe.at))
			s.retransmit.confirm(c, probe.upto)
		} else if d, ok := s.roundTrip(string(f.Payload)); ok {
			event.Detail = d
		}
		s.report(event)
	default:
		s.activity.received = true
		s.activity.inMessage = !f.Last
		s.activity.counts.Bytes += int64(len(f.Payload))
		if f.Last {
			s.activity.counts.Messages++
		}
		s.reportFragment(f)
	}
}

// reportFragment reports a fragment of a message. It does not call report, since passing the large Event once more would cost a
// copy for each message.
func (s *Session) reportFragment(f wire.Fragment) {
	if s.handlerFailed.Load() {
		return
	}
	err := s.handler.Handle(Event{Kind: KindMessage, Type: f.Opcode, First: f.First, Last: f.Last, Time: s.activity.now, Payload: f.Payload})
	if err != nil {
		s.failHandler(err)
	}
}

// handleClose reports the server's Close, answers it unless it is the answer to ours, and gives the server dropTimeout to close
// the stream first (RFC 6455, section 7.1.1). It returns how the session ended.
func (s *Session) handleClose(c *conn, payload []byte) error {
	code, reason := wire.ParseClose(payload)
	s.setCode(code)
	s.report(Event{Kind: KindClose, Code: code, Time: s.activity.now, Payload: reason})
	end := &CloseError{URL: c.peerName(), Code: code, Reason: string(reason), Client: c.accepted()}
	ours := s.isClosing()
	if !ours {
		s.startClose(code, "", closeWait{timeout: dropTimeout})
		c.awaitDrop()
	}
	if ours || end.normal() {
		return s.handlerErrOr(nil)
	}
	return s.handlerErrOr(end)
}

// handleReadError returns how a connection ended from which no further frame can be read. A violation of the protocol is
// answered with a Close.
func (s *Session) handleReadError(c *conn, err error) error {
	if handlerErr := s.handlerErrOr(nil); handlerErr != nil {
		return handlerErr
	}
	if violation, ok := errors.AsType[*wire.ProtocolError](err); ok && !s.isClosing() {
		if violation.Invalid != nil {
			s.reportInvalid(c, violation)
		}
		s.startClose(violation.Code, violation.Reason, closeWait{timeout: dropTimeout})
		c.awaitDrop()
		return &ProtocolError{URL: c.peerName(), Code: violation.Code, Reason: violation.Reason, HTTP: violation.HTTP}
	}
	err = c.cutBecause(err)
	switch {
	case !s.isClosing():
	case s.retransmit == nil && s.hasUnwritten():
		err = errUnwritten
	default:
		return nil // after our Close the end of the stream is not a loss
	}
	return &LostError{
		URL: c.peerName(), Err: err, Client: c.accepted(),
		Idle: s.activity.idle(), NoPong: errors.Is(err, errNoPong), Retried: s.options.Reconnect,
	}
}

// invalidTimeout bounds how long the rest of a frame that is not UTF-8 is read, so that it can be shown, before our Close is
// sent.
const invalidTimeout = 500 * time.Millisecond

// reportInvalid reports text that is not UTF-8, up to the end of its frame. If that takes longer than invalidTimeout, our Close
// is sent, and the rest is reported until the stream ends.
func (s *Session) reportInvalid(c *conn, violation *wire.ProtocolError) {
	overdue := time.AfterFunc(invalidTimeout, func() {
		s.startClose(violation.Code, violation.Reason, closeWait{timeout: dropTimeout})
	})
	defer overdue.Stop()
	f, ok := *violation.Invalid, true
	for {
		last := f.Last || !ok
		s.report(Event{Kind: KindInvalid, Type: f.Opcode, First: f.First, Last: last, Time: s.activity.now, Payload: f.Payload})
		if last {
			break
		}
		f, ok = c.Rest()
		f.Opcode = wire.Text
	}
	s.flushHandler()
}
