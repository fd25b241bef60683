package client

import (
	"errors"
	"time"

	"wsx/client/wire"
)

// Run receives until the session has ended, and returns why: nil when we ended it, or the server did with
// 1000, 1001 or no code; else a *CloseError, a *ProtocolError, a *LostError or the error of the handler. With
// Options.Reconnect it opens the session again after each loss, and a loss is the reason only if that is given up: then
// it is a *dial.Error. The stream is closed when it returns.
func (s *Session) Run() error {
	defer s.release()
	for {
		l := s.conn.Load()
		if s.options.PingInterval > 0 {
			l.busy.Go(func() { s.keepAlive(l) })
		}
		err := s.receive(l)
		l.closeAndWait()
		s.activity.forget()
		if s.retransmit == nil {
			return err
		}
		if s.closeReceived() {
			return s.unconfirmedErrOr(l, err)
		}
		s.reportUnconfirmed(s.retransmit.connLost(l))
		again := false
		if lost, ok := err.(*LostError); ok {
			again, err = s.reopen(l, lost)
		}
		if !again {
			s.reportUnconfirmed(s.retransmit.unsentAtEnd())
			return s.handlerErrOr(s.unconfirmedErrOr(l, err))
		}
	}
}

// unconfirmedErrOr returns err, or an *UnconfirmedError if err is nil and messages may not have arrived.
func (s *Session) unconfirmedErrOr(l *conn, err error) error {
	if err == nil && s.unconfirmed > 0 {
		return &UnconfirmedError{URL: l.peerName(), Count: s.unconfirmed}
	}
	return err
}

// release ends the goroutines and timers of the session.
func (s *Session) release() {
	s.cancel()
	s.retransmit.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeTimer != nil {
		s.closeTimer.Stop()
	}
}

// receive handles received frames until a connection has ended, and returns why.
func (s *Session) receive(l *conn) error {
	for {
		piece, err := l.Next()
		if err != nil {
			s.flushHandler()
			return s.broken(l, err)
		}
		if piece.Opcode == wire.Close {
			return s.closed(l, piece.Payload)
		}
		s.handleFrame(l, piece)
	}
}

// handleFrame reports a fragment of a message or a control frame, and answers a Ping.
func (s *Session) handleFrame(l *conn, p wire.Fragment) {
	switch p.Opcode {
	case wire.Ping:
		s.report(Event{Kind: KindPing, Time: s.activity.now, Payload: p.Payload})
		s.report(Event{Kind: KindPong, Dir: Out, Time: s.activity.now, Payload: p.Payload})
		l.Post(wire.Pong, p.Payload)
	case wire.Pong:
		event := Event{Kind: KindPong, Time: s.activity.now, Payload: p.Payload}
		if probe, ours := l.probes.answered(p.Payload); ours {
			s.addRoundTrip(s.activity.now.Sub(probe.at))
			s.retransmit.confirm(l, probe.upto)
		} else if d, ok := s.roundTrip(string(p.Payload)); ok {
			event.Detail = d
		}
		s.report(event)
	default:
		s.activity.received = true
		s.activity.inMessage = !p.Last
		s.activity.counts.Bytes += int64(len(p.Payload))
		if p.Last {
			s.activity.counts.Messages++
		}
		s.reportFragment(p)
	}
}

// reportFragment reports a fragment of a message. It repeats report, because an event is large, and would be copied once more
// for each message.
func (s *Session) reportFragment(p wire.Fragment) {
	if s.handlerFailed.Load() {
		return
	}
	err := s.handler.Handle(Event{Kind: KindMessage, Type: p.Opcode, First: p.First, Last: p.Last, Time: s.activity.now, Payload: p.Payload})
	if err != nil {
		s.failHandler(err)
	}
}

// closed ends the session after the server's Close: it is reported, echoed unless it is the answer to ours, and the server has
// dropTimeout to close the stream first (RFC 6455, section 7.1.1).
func (s *Session) closed(l *conn, payload []byte) error {
	code, reason := wire.ParseClose(payload)
	s.setCode(code)
	s.report(Event{Kind: KindClose, Code: code, Time: s.activity.now, Payload: reason})
	end := &CloseError{URL: l.peerName(), Code: code, Reason: string(reason), Client: l.accepted()}
	ours := s.isClosing()
	if !ours {
		s.startClose(code, "", closeWait{timeout: dropTimeout})
		l.awaitDrop()
	}
	if ours || end.normal() {
		return s.handlerErrOr(nil)
	}
	return s.handlerErrOr(end)
}

// broken ends a connection from which no further frame can be read.
func (s *Session) broken(l *conn, err error) error {
	if fault := s.handlerErrOr(nil); fault != nil {
		return fault
	}
	if wrong, ok := errors.AsType[*wire.ProtocolError](err); ok && !s.isClosing() {
		if wrong.Invalid != nil {
			s.reportInvalid(l, wrong)
		}
		s.startClose(wrong.Code, wrong.Reason, closeWait{timeout: dropTimeout})
		l.awaitDrop()
		return &ProtocolError{URL: l.peerName(), Code: wrong.Code, Reason: wrong.Reason, HTTP: wrong.HTTP}
	}
	err = l.cutBecause(err)
	switch {
	case !s.isClosing():
	case s.retransmit == nil && s.hasUnwritten():
		err = errUnwritten
	default:
		return nil // after our Close the end of the stream is not a loss
	}
	return &LostError{
		URL: l.peerName(), Err: err, Client: l.accepted(),
		Idle: s.activity.idle(), NoPong: errors.Is(err, errNoPong), Retried: s.options.Reconnect,
	}
}

// invalidTimeout bounds how long the rest of a frame that is not UTF-8 is read for, so that it can be seen, before our Close.
const invalidTimeout = 500 * time.Millisecond

// reportInvalid reports text that is not UTF-8, to the end of the frame that it was found in. When that takes too long our Close is
// sent, and what has come until the stream ends is reported.
func (s *Session) reportInvalid(l *conn, wrong *wire.ProtocolError) {
	overdue := time.AfterFunc(invalidTimeout, func() {
		s.startClose(wrong.Code, wrong.Reason, closeWait{timeout: dropTimeout})
	})
	defer overdue.Stop()
	p, ok := *wrong.Invalid, true
	for {
		last := p.Last || !ok
		s.report(Event{Kind: KindInvalid, Type: p.Opcode, First: p.First, Last: last, Time: s.activity.now, Payload: p.Payload})
		if last {
			break
		}
		p, ok = l.Rest()
		p.Opcode = wire.Text
	}
	s.flushHandler()
}
