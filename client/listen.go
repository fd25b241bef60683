package client

import (
	"time"

	"wsx/client/wire"
)

// Run listens until the conversation has ended, and says why: nil when we ended it, or the server did with
// 1000, 1001 or no code; else a *CloseError, a *ProtocolError, a *LostError or what the listener failed with.
// The stream is closed when it returns.
func (s *Session) Run() error {
	defer s.hangUp()
	defer s.ear.publish()
	for {
		piece, err := s.conn.Next()
		if err != nil {
			return s.broken(err)
		}
		if piece.Opcode == wire.Close {
			return s.closed(piece.Payload)
		}
		s.hear(piece)
	}
}

// hear tells what a message or a control frame says, and answers a Ping.
func (s *Session) hear(p wire.Piece) {
	switch p.Opcode {
	case wire.Ping:
		s.tell(Event{Kind: Ping, Time: s.ear.now, Payload: p.Payload})
		s.tell(Event{Kind: Pong, Dir: Out, Time: s.ear.now, Payload: p.Payload})
		s.conn.Post(wire.Pong, p.Payload)
	case wire.Pong:
		event := Event{Kind: Pong, Time: s.ear.now, Payload: p.Payload}
		if d, ok := s.roundTrip(string(p.Payload)); ok {
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
		s.tell(Event{Kind: Message, Type: p.Opcode, First: p.First, Last: p.Last, Time: s.ear.now, Payload: p.Payload})
	}
}

// sentPing is a Ping that waits for its Pong.
type sentPing struct {
	data string
	at   time.Time
}

// roundTrip finds the Ping that a Pong answers; the Pings before it were answered with it (RFC 6455, section 5.5.3).
func (s *Session) roundTrip(data string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, ping := range s.pings {
		if ping.data == data {
			s.pings = s.pings[i+1:]
			return s.ear.now.Sub(ping.at), true
		}
	}
	return 0, false
}

// closed ends the session after the server's Close: it is told, echoed unless it is the answer to ours, and the
// server is given a moment to drop the stream first (RFC 6455, section 7.1.1).
func (s *Session) closed(payload []byte) error {
	code, reason := wire.ParseClose(payload)
	s.tell(Event{Kind: Close, Code: code, Time: s.ear.now, Payload: reason})
	end := &CloseError{URL: s.up.handshake.URL, Code: code, Reason: string(reason)}
	s.noteCode(code)
	ours := s.saidGoodbye()
	if !ours {
		s.leave(code, "", linger)
		s.awaitDrop()
	}
	if fault := s.faulted(); fault != nil {
		return fault
	}
	if ours || end.wellMeant() {
		return nil
	}
	return end
}

// broken ends the session when no further frame can be read.
func (s *Session) broken(err error) error {
	if fault := s.faulted(); fault != nil {
		return fault
	}
	if wrong, ok := asProtocolError(err); ok {
		s.leave(wrong.Code, wrong.Reason, linger)
		s.awaitDrop()
		return &ProtocolError{URL: s.up.handshake.URL, Code: wrong.Code, Reason: wrong.Reason}
	}
	if s.saidGoodbye() {
		return nil // a goodbye is remembered: that the stream is closed now is no loss
	}
	return &LostError{URL: s.up.handshake.URL, Err: err}
}
