package accept

import (
	"errors"
	"time"
	"wsx/client"
)

// peer is a client of an acceptor. It handles the events of its session for the acceptor's handler.
type peer struct {
	acceptor    *Acceptor
	session     *client.Session
	number      int           // in events, from 1; 0 = only one client at a time
	initialSent chan struct{} // closed when the initial messages were sent
	held        []byte        // payload of a message of which fragments are still to come
	answers     []reply       // to be sent when the event has been handled

	answered bool // a reply was sent since the last wait; the receiving goroutine's own
}

// sendInitial sends the messages that each client gets first.
func (m *peer) sendInitial(initial []client.Message) {
	defer close(m.initialSent)
	for _, message := range initial {
		m.send(message)
	}
	m.session.Flush()
}

// send sends a message to this client alone.
func (m *peer) send(message client.Message) {
	if m.acceptor.options.ReportSent {
		m.Handle(m.sent(message.Type, message.Data, true, true))
	}
	m.session.Send(message)
}

func (m *peer) sent(t client.Type, data []byte, first, last bool) client.Event {
	return client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Peer: m.number, Time: time.Now(), Payload: data}
}

// Handle passes an event on. With several clients a message is passed on whole, or fragments of other messages would stand
// between its own.
func (m *peer) Handle(e client.Event) error {
	if e.Peer = m.number; m.number > 0 && e.Kind == client.KindMessage && e.Dir == client.In && !m.joinFragments(&e) {
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

// reply is a message, or a fragment of one, that answers an event.
type reply struct {
	kind        client.Type
	data        []byte
	first, last bool
}

// keptMessage is the size up to which a buffer is kept for the next fragmented message, in bytes.
const keptMessage = 1 << 20

// joinFragments joins the fragments of a message into one event. It reports whether e is that event.
func (m *peer) joinFragments(e *client.Event) bool {
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

// Flush flushes what was replied, and the handler.
func (m *peer) Flush() error {
	if m.answered {
		m.answered = false
		m.session.Flush()
	}
	return m.acceptor.handler.Flush()
}

// reportLoss reports how a session ended, unless a Close event has.
func (m *peer) reportLoss(err error) {
	_, lost := errors.AsType[*client.LostError](err)
	_, violation := errors.AsType[*client.ProtocolError](err)
	if lost || violation {
		m.Handle(client.Event{Kind: client.KindError, Time: time.Now(), Detail: err})
	}
}
