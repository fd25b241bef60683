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
	replies     []reply       // to be sent when the event has been handled

	replied bool // a reply was sent since the last wait; the receiving goroutine's own
}

// sendInitial sends the messages that each client gets first.
func (p *peer) sendInitial(initial []client.Message) {
	defer close(p.initialSent)
	for _, message := range initial {
		p.send(message)
	}
	p.session.Flush()
}

// send sends a message to this client alone.
func (p *peer) send(message client.Message) {
	if p.acceptor.options.ReportSent {
		p.Handle(p.sent(message.Type, message.Data, true, true))
	}
	p.session.Send(message)
}

func (p *peer) sent(t client.Type, data []byte, first, last bool) client.Event {
	return client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Peer: p.number, Time: time.Now(), Payload: data}
}

// Handle passes an event to the acceptor's handler. With several clients a message is passed on whole, since its fragments
// could otherwise be mixed with those of other clients.
func (p *peer) Handle(e client.Event) error {
	if e.Peer = p.number; p.number > 0 && e.Kind == client.KindMessage && e.Dir == client.In && !p.joinFragments(&e) {
		return nil
	}
	a := p.acceptor
	a.handling.Lock()
	a.current = p
	err := a.handler.Handle(e)
	a.current = nil
	replies := p.replies
	p.replies = p.replies[:0]
	a.handling.Unlock()
	for _, r := range replies {
		p.replied = true
		p.session.Reply(r.kind, r.data, r.first, r.last)
	}
	if err != nil {
		a.failHandler(err)
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
func (p *peer) joinFragments(e *client.Event) bool {
	if e.First && e.Last {
		return true
	}
	if e.First {
		if p.held = p.held[:0]; cap(p.held) > keptMessage {
			p.held = nil
		}
	}
	p.held = append(p.held, e.Payload...)
	e.First, e.Payload = true, p.held
	return e.Last
}

// Flush flushes what was replied, and the handler.
func (p *peer) Flush() error {
	if p.replied {
		p.replied = false
		p.session.Flush()
	}
	return p.acceptor.handler.Flush()
}

// reportLoss reports how a session ended, unless a Close event has reported that.
func (p *peer) reportLoss(err error) {
	_, lost := errors.AsType[*client.LostError](err)
	_, violation := errors.AsType[*client.ProtocolError](err)
	if lost || violation {
		p.Handle(client.Event{Kind: client.KindError, Time: time.Now(), Detail: err})
	}
}
