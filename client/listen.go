package client

import (
	"errors"

	"wsx/client/wire"
)

// Run listens until the conversation has ended, and says why: nil when we ended it, or the server did with
// 1000, 1001 or no code; else a *CloseError, a *ProtocolError, a *LostError or what the listener failed with. With
// Options.Reconnect it opens the session again after each loss, and a loss is the reason only if that is given up: then
// it is a *DialError. The stream is closed when it returns.
func (s *Session) Run() error {
	defer s.end()
	for {
		l := s.link.Load()
		if s.options.PingInterval > 0 {
			l.busy.Go(func() { s.keepAlive(l) })
		}
		err := s.listen(l)
		l.hangUp()
		s.ear.forget()
		if s.outbox == nil || s.heardClose() {
			return err
		}
		s.tellDoubts(s.outbox.lose(l))
		again := false
		if lost, ok := err.(*LostError); ok {
			again, err = s.reopen(l, lost)
		}
		if !again {
			s.tellDoubts(s.outbox.abandoned())
			return s.faultOr(err)
		}
	}
}

// end leaves nothing behind.
func (s *Session) end() {
	s.depart()
	s.outbox.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangup != nil {
		s.hangup.Stop()
	}
}

// listen hears what comes until a connection has ended, and says why.
func (s *Session) listen(l *link) error {
	for {
		piece, err := l.Next()
		if err != nil {
			s.rest()
			return s.broken(l, err)
		}
		if piece.Opcode == wire.Close {
			return s.closed(l, piece.Payload)
		}
		s.hear(l, piece)
	}
}

// hear tells what a message or a control frame says, and answers a Ping.
func (s *Session) hear(l *link, p wire.Piece) {
	switch p.Opcode {
	case wire.Ping:
		s.tell(Event{Kind: Ping, Time: s.ear.now, Payload: p.Payload})
		s.tell(Event{Kind: Pong, Dir: Out, Time: s.ear.now, Payload: p.Payload})
		l.Post(wire.Pong, p.Payload)
	case wire.Pong:
		event := Event{Kind: Pong, Time: s.ear.now, Payload: p.Payload}
		if probe, ours := l.probes.answered(p.Payload); ours {
			s.noteTrip(s.ear.now.Sub(probe.at))
			s.outbox.confirm(l, probe.upto)
		} else if d, ok := s.roundTrip(string(p.Payload)); ok {
			event.Detail = d
		}
		s.tell(event)
	default:
		s.ear.heard = true
		s.ear.within = !p.Last
		s.ear.tally.Bytes += int64(len(p.Payload))
		if p.Last {
			s.ear.tally.Messages++
		}
		s.hearMessage(p)
	}
}

// hearMessage tells a message or a piece of one. It is tell written out: an event is large, and would be copied once more
// for each message.
func (s *Session) hearMessage(p wire.Piece) {
	if s.deaf.Load() {
		return
	}
	err := s.listener.Hear(Event{Kind: Message, Type: p.Opcode, First: p.First, Last: p.Last, Time: s.ear.now, Payload: p.Payload})
	if err != nil {
		s.deafen(err)
	}
}

// closed ends the session after the server's Close: it is told, echoed unless it is the answer to ours, and the
// server is given a moment to drop the stream first (RFC 6455, section 7.1.1).
func (s *Session) closed(l *link, payload []byte) error {
	code, reason := wire.ParseClose(payload)
	s.noteCode(code)
	s.tell(Event{Kind: Close, Code: code, Time: s.ear.now, Payload: reason})
	end := &CloseError{URL: l.where(), Code: code, Reason: string(reason), Client: l.accepted()}
	ours := s.saidGoodbye()
	if !ours {
		s.leave(code, "", farewell{patience: linger})
		l.awaitDrop()
	}
	if ours || end.wellMeant() {
		return s.faultOr(nil)
	}
	return s.faultOr(end)
}

// broken ends a connection of which no further frame can be read.
func (s *Session) broken(l *link, err error) error {
	if fault := s.faultOr(nil); fault != nil {
		return fault
	}
	if wrong, ok := asProtocolError(err); ok {
		s.leave(wrong.Code, wrong.Reason, farewell{patience: linger})
		l.awaitDrop()
		return &ProtocolError{URL: l.where(), Code: wrong.Code, Reason: wrong.Reason}
	}
	err = l.cutBecause(err)
	if s.saidGoodbye() && !errors.Is(err, errStillSpeaking) {
		return nil // a goodbye is remembered: that the stream is closed now is no loss
	}
	return &LostError{URL: l.where(), Err: err, Client: l.accepted()}
}
