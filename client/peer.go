package client

import (
	"errors"
	"time"
)

// peer is a client of an acceptor. It handles the events of its session for the acceptor's handler.
type peer struct {
	acceptor *Acceptor
	session  *Session
	number   int           // in events; 0 = there is only one at a time
	greeted  chan struct{} // closed when the greeting was sent
	held     []byte        // of a message that has not come whole
	answers  []fragment    // to be sent when the event has been handled

	answered bool // something was answered since the last wait; the listening goroutine's own
}

// greet sends what each client gets first.
func (m *peer) greet(greeting []Message) {
	defer close(m.greeted)
	for _, said := range greeting {
		m.send(said)
	}
	m.session.Flush()
}

// send sends a message to this client alone.
func (m *peer) send(said Message) {
	if m.acceptor.options.ReportSent {
		m.Handle(m.sent(said.Type, said.Data, true, true))
	}
	m.session.Send(said)
}

func (m *peer) sent(t Type, data []byte, first, last bool) Event {
	return Event{Kind: KindMessage, Dir: Out, Type: t, First: first, Last: last, Peer: m.number, Time: time.Now(), Payload: data}
}

// Handle passes an event on. With several clients a message is passed on when it has come whole, or fragments of
// other messages would stand between its own.
func (m *peer) Handle(e Event) error {
	if e.Peer = m.number; m.number > 0 && e.Kind == KindMessage && e.Dir == In && !m.whole(&e) {
		return nil
	}
	p := m.acceptor
	p.handling.Lock()
	p.current = m
	err := p.handler.Handle(e)
	p.current = nil
	answers := m.answers
	m.answers = m.answers[:0]
	p.handling.Unlock()
	for _, a := range answers {
		m.answered = true
		m.session.Reply(a.kind, a.data, a.first, a.last)
	}
	if err != nil {
		p.failHandler(err)
	}
	return err
}

// keptMessage is how large a buffer is kept for the next message that comes in fragments, in bytes.
const keptMessage = 1 << 20

// whole joins the fragments of a message into one event. It returns false until the last has come.
func (m *peer) whole(e *Event) bool {
	if e.First && e.Last {
		return true
	}
	if e.First {
		if m.held = m.held[:0]; cap(m.held) > keptMessage {
			m.held = nil
		}
	}
	m.held = append(m.held, e.Payload...)
	e.First, e.Payload = true, m.held
	return e.Last
}

// Flush passes on that nothing more is ready here.
func (m *peer) Flush() error {
	if m.answered {
		m.answered = false
		m.session.Flush()
	}
	return m.acceptor.handler.Flush()
}

// reportLoss reports how a session ended, unless a Close event has.
func (m *peer) reportLoss(err error) {
	var lost *LostError
	var wrong *ProtocolError
	if errors.As(err, &lost) || errors.As(err, &wrong) {
		m.Handle(Event{Kind: KindError, Time: time.Now(), Detail: err})
	}
}
