package accept

import (
	"slices"
	"sync"
	"time"

	"wsx/client"
)

// queue has what several clients have received. One goroutine at a time handles it, without the lock: the one that has the turn.
type queue struct {
	mu      sync.Mutex // guards the fields below
	busy    bool       // a goroutine has the turn
	waiting []*delivery
	spare   []*delivery // becomes waiting when that is taken
}

// begin gives the turn to the goroutine of a delivery, and reports whether it has it; otherwise the delivery waits.
func (q *queue) begin(d *delivery) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy {
		q.waiting = append(q.waiting, d)
		return false
	}
	q.busy = true
	return true
}

// take removes and returns the deliveries that wait. If there are none, the turn has ended.
func (q *queue) take() []*delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	if q.busy = len(all) > 0; q.busy {
		q.waiting, q.spare = q.spare[:0], nil
	}
	return all
}

// pass ends the turn in which deliveries were taken, and returns the one whose goroutine has the next turn; nil = no delivery waits.
func (q *queue) pass(taken []*delivery) *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	clear(taken)
	q.spare = taken
	if q.busy = len(q.waiting) > 0; !q.busy {
		return nil
	}
	next := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return next
}

const (
	maxShort        = 256 // messages that are delivered together
	maxShortPayload = 512 // bytes of the payload of each
)

// delivery is what one of several clients has received. Short messages are delivered together, up to the next wait or other
// event, since a turn for each would take as long as handling it.
type delivery struct {
	number   int     // of the client
	replies  []reply // to the events, which the handler adds; sent when they have been handled
	short    []shortMessage
	at       time.Time // when they were received
	payloads []byte
	last     client.Event // the event after them; kind 0 = no event
	turn     chan bool    // whether its goroutine has the turn; otherwise it was handled
	err      error        // of the handler, once it was handled
}

// shortMessage is one of several messages.
type shortMessage struct {
	kind client.Type
	end  int // of its payload
}

// add adds a received message, and reports whether it is short and there is space for it.
func (d *delivery) add(e *client.Event) bool {
	if !e.First || !e.Last || len(e.Payload) > maxShortPayload || len(d.short) == maxShort || len(d.short) > 0 && e.Time != d.at {
		return false
	}
	d.at = e.Time
	d.payloads = append(d.payloads, e.Payload...)
	d.short = append(d.short, shortMessage{e.Type, len(d.payloads)})
	return true
}

// sent returns the event of a message that is sent to the client.
func (d *delivery) sent(t client.Type, data []byte, first, last bool) client.Event {
	return client.Event{Kind: client.KindMessage, Dir: client.Out, Type: t, First: first, Last: last, Peer: d.number, Time: time.Now(), Payload: data}
}

// reset removes everything that was received.
func (d *delivery) reset() { d.short, d.payloads, d.last.Kind = d.short[:0], d.payloads[:0], 0 }

// deliver returns when a delivery was handled, with the handler's error. In its turn, this goroutine also handles what others have
// delivered meanwhile.
func (a *Acceptor) deliver(d *delivery) error {
	if !a.received.begin(d) && !<-d.turn {
		return d.err
	}
	d.err = a.receive(d)
	others := a.received.take()
	for _, each := range others {
		each.err = a.receive(each)
		each.turn <- false
	}
	if len(others) > 0 {
		if next := a.received.pass(others); next != nil {
			next.turn <- true
		}
	}
	return d.err
}

// receive passes a delivery to the handler.
func (a *Acceptor) receive(d *delivery) error {
	a.current = d
	begin := 0
	for _, m := range d.short {
		err := a.handler.Handle(client.Event{
			Kind: client.KindMessage, Type: m.kind, First: true, Last: true,
			Peer: d.number, Time: d.at, Payload: d.payloads[begin:m.end],
		})
		if err != nil {
			return a.check(err)
		}
		begin = m.end
	}
	if d.last.Kind == 0 {
		return nil
	}
	return a.check(a.handler.Handle(d.last))
}

// report passes an event to the handler.
func (a *Acceptor) report(e client.Event) error { return a.check(a.handler.Handle(e)) }

// check closes all connections because of an error of the handler.
func (a *Acceptor) check(err error) error {
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
