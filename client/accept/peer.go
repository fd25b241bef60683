package accept

import (
	"errors"
	"sync/atomic"
	"time"

	"wsx/client"
)

// peer is a client of an acceptor. It handles the events of its session for the acceptor's handler.
type peer struct {
	acceptor    *Acceptor
	session     *client.Session
	number      int           // in events, from 1; 0 = only one client at a time
	initialSent chan struct{} // closed when the initial messages were sent
	closing     atomic.Bool   // a Close frame was sent or received
	replies     []reply       // to be sent when the events have been handled; of the goroutine that handles them until then

	// of the goroutine that receives
	held    []byte   // payload of a message of which fragments are still to come
	next    delivery // what it has received, and not delivered
	replied bool     // a reply was sent since the last wait
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
		p.acceptor.report(p.sent(message.Type, message.Data, true, true))
	}
	p.session.Send(message)
}

func (p *peer) sent(t client.Type, data []byte, first, last bool) client.Event {
	return client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Peer: p.number, Time: time.Now(), Payload: data}
}

// Handle passes an event to the acceptor's handler. With several clients, what was received is delivered to a queue: messages
// whole, since their fragments could otherwise be mixed with those of other clients, and short ones together.
func (p *peer) Handle(e client.Event) error {
	if e.Kind == client.KindClose {
		p.closing.Store(true)
	}
	switch e.Peer = p.number; {
	case e.Dir == client.Out:
		return p.acceptor.report(e)
	case !p.acceptor.rules.All:
		p.acceptor.current = p
		err := p.acceptor.handler.Handle(e)
		p.sendReplies()
		return p.acceptor.check(err)
	case e.Kind == client.KindMessage && (p.next.add(&e) || !p.joinFragments(&e)):
		return nil
	}
	p.next.last = e
	return p.deliver()
}

// deliver delivers what was received, and sends the replies to it.
func (p *peer) deliver() error {
	err := p.acceptor.deliver(&p.next)
	p.sendReplies()
	p.next.reset()
	return err
}

// sendReplies sends the replies to what was handled.
func (p *peer) sendReplies() {
	if len(p.replies) == 0 {
		return
	}
	p.replied = true
	for _, r := range p.replies {
		p.session.Reply(r.kind, r.data, r.first, r.last)
	}
	p.replies = p.replies[:0]
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
	if len(p.next.short) > 0 {
		if err := p.deliver(); err != nil {
			return err
		}
	}
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
