package client

import (
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"wsx/client/wire"
)

// sender is the state of the goroutines that send.
type sender struct {
	*state
	retransmit *retransmitQueue // nil without Options.Reconnect
	writing    atomic.Int32     // calls that are writing messages
	sent       atomic.Int64     // messages that were written, the last perhaps in part
	sentBytes  atomic.Int64     // their bytes
}

// SendData sends a message without a number. See Send.
func (s *sender) SendData(t Type, data []byte) error { return s.Send(Message{Type: t, Data: data}) }

// Send sends a message; it is buffered until Flush. Send may block until the server has read earlier messages; it does not keep
// m.Data. It returns ErrClosed after the session was closed or lost. With Options.Reconnect a message that was not written
// before a loss is sent on the next connection, and Send blocks while 16,384 messages or 256 KiB are unconfirmed.
func (s *sender) Send(m Message) error {
	if !s.beginSend() {
		return ErrClosed
	}
	defer s.endSend()
	s.reportMessage(m)
	s.sentBytes.Add(int64(len(m.Data)))
	if s.retransmit != nil {
		return s.retransmit.send(m)
	}
	s.writing.Add(1)
	return s.countSent(1, s.conn.Load().writeMessage(m.Type, m.Data, m.FrameSize))
}

// SendAll sends messages as SendData does, but faster if they are short and many. The sequence must neither block nor call the
// session.
func (s *sender) SendAll(t Type, messages iter.Seq[[]byte]) error {
	if s.retransmit != nil || s.options.ReportSent {
		return s.sendEach(t, messages)
	}
	var bytes, count int64
	s.writing.Add(1)
	err := s.conn.Load().WriteMessages(t, func(yield func([]byte) bool) {
		for message := range messages {
			count++
			if bytes += int64(len(message)); !yield(message) {
				return
			}
		}
	})
	s.sentBytes.Add(bytes)
	return s.countSent(count, err)
}

func (s *sender) sendEach(t Type, messages iter.Seq[[]byte]) error {
	for message := range messages {
		if err := s.SendData(t, message); err != nil {
			return err
		}
	}
	return nil
}

// SendFragment sends a fragment of a message as a frame of its own: the first, the last, or one between. Fragments are not held: if
// the connection is lost, the rest of the message is dropped, and the message is reported as unconfirmed.
func (s *sender) SendFragment(t Type, data []byte, first, last bool) error {
	return s.sendFragment(fragment{t, data, first, last}, true)
}

// Reply sends a message, or a fragment of one, as the answer to the event being handled. It is never sent again on another
// connection.
func (s *sender) Reply(t Type, data []byte, first, last bool) error {
	return s.sendFragment(fragment{t, data, first, last}, false)
}

// sendFragment sends a message or a fragment of one; with tracked it is reported if it may not have arrived.
func (s *sender) sendFragment(f fragment, tracked bool) error {
	if !s.beginSend() {
		return ErrClosed
	}
	defer s.endSend()
	s.reportSent(f)
	s.sentBytes.Add(int64(len(f.data)))
	if s.retransmit != nil {
		return s.retransmit.sendFragment(f, tracked)
	}
	s.writing.Add(1)
	begun := int64(0)
	if f.first {
		begun = 1
	}
	return s.countSent(begun, f.write(s.conn.Load()))
}

// countSent counts n messages of a call that wrote them, and replaces its error by ErrClosed. A message after our Close does
// not count as sent; one that the stream failed to write does.
func (s *sender) countSent(n int64, err error) error {
	if n > 0 && errors.Is(err, wire.ErrCloseSent) {
		n--
	}
	s.sent.Add(n)
	s.writing.Add(-1)
	return hideError(err)
}

// hasUnwritten reports whether messages were sent, before ExpectEnd, and not written whole.
func (s *sender) hasUnwritten() bool {
	if required, ok := s.closing.requires(); ok {
		return s.conn.Load().writtenSoFar() < required
	}
	return s.writing.Load() > 0 || s.sent.Load() > s.conn.Load().writtenSoFar()
}

// Ping sends a Ping, with at most 125 bytes of data. The event of its Pong has the round trip time.
func (s *sender) Ping(data []byte) error {
	if err := CheckControl(data); err != nil {
		return err
	}
	now := time.Now()
	s.pings.add(sentPing{string(data), now})
	s.reporter.report(Event{Kind: KindPing, Dir: Out, Time: now, Payload: data})
	return s.control(wire.Ping, data)
}

// Pong sends an unsolicited Pong (RFC 6455, section 5.5.3), with at most 125 bytes.
func (s *sender) Pong(data []byte) error {
	if err := CheckControl(data); err != nil {
		return err
	}
	s.reporter.report(Event{Kind: KindPong, Dir: Out, Time: time.Now(), Payload: data})
	return s.control(wire.Pong, data)
}

// control sends a control frame after all frames sent before.
func (s *sender) control(op wire.Opcode, data []byte) error {
	if s.retransmit != nil {
		return s.retransmit.add(pendingFrame{opcode: op, data: data})
	}
	return hideError(s.conn.Load().WriteControl(op, data))
}

// Flush writes buffered messages to the stream. It may block until the server reads.
func (s *sender) Flush() error {
	if s.retransmit != nil {
		return s.retransmit.flush()
	}
	return hideError(s.conn.Load().Flush())
}

// hideError replaces the error of a write by ErrClosed. The reason is what the server sent last, or that it disconnected, which
// only the receiver knows: a broken pipe must not hide a Close that was not read yet.
func hideError(err error) error {
	if err != nil {
		return ErrClosed
	}
	return nil
}

// reportMessage reports a whole message before it is written.
func (s *sender) reportMessage(m Message) {
	if !s.options.ReportSent {
		return
	}
	e := fragment{m.Type, m.Data, true, true}.event()
	if m.Number > 0 {
		e.Detail = MessageNumber(m.Number)
	}
	s.reporter.report(e)
}

// beginSend reports whether a message can still be sent. If so, endSend must be called when it is written.
func (s *sender) beginSend() bool {
	return !s.options.ReportSent || s.closing.beginSend()
}

func (s *sender) endSend() {
	if s.options.ReportSent {
		s.closing.sends.Done()
	}
}
