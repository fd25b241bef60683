package accept

import (
	"sync"
	"time"

	"wsx/client"
)

// queue has what several clients have received. One goroutine at a time handles it, without the lock: one that adds to an idle
// queue, or to which the last one passes the turn.
type queue struct {
	mu      sync.Mutex // guards the fields below
	busy    bool       // a goroutine has the turn
	waiting []*delivery
	spare   []*delivery // becomes waiting when that is taken
}

// add adds a delivery, and reports whether the goroutine that adds it has the turn.
func (q *queue) add(d *delivery) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, d)
	first := !q.busy
	q.busy = true
	return first
}

// take removes all deliveries, and returns them.
func (q *queue) take() []*delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting, q.spare = q.spare[:0], nil
	return all
}

// pass returns the delivery whose goroutine has the next turn; nil = there is none. The list that was taken is used again.
func (q *queue) pass(taken []*delivery) *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare = taken
	if q.busy = len(q.waiting) > 0; !q.busy {
		return nil
	}
	return q.waiting[0]
}

const (
	maxShort        = 256 // messages that are delivered together
	maxShortPayload = 512 // bytes of the payload of each
)

// delivery is what one of several clients has received. Short messages are delivered together, up to the next wait or other
// event, since a turn for each would take as long as handling it.
type delivery struct {
	peer     *peer
	short    []shortMessage
	at       time.Time // when they were received
	payloads []byte
	last     client.Event // after them; its kind is 0 if there is none
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

// reset removes everything that was received.
func (d *delivery) reset() { d.short, d.payloads, d.last = d.short[:0], d.payloads[:0], client.Event{} }

// deliver returns when a delivery was handled, with the handler's error. In its turn, this goroutine also handles what others have
// added before.
func (a *Acceptor) deliver(d *delivery) error {
	if a.received.add(d) || <-d.turn {
		taken := a.received.take()
		for _, each := range taken {
			if each.err = a.receive(each); each != d {
				each.turn <- false
			}
		}
		if next := a.received.pass(taken); next != nil {
			next.turn <- true
		}
	}
	return d.err
}

// receive passes a delivery to the handler.
func (a *Acceptor) receive(d *delivery) error {
	a.current = d.peer
	begin := 0
	for _, m := range d.short {
		err := a.handler.Handle(client.Event{
			Kind: client.KindMessage, Type: m.kind, First: true, Last: true,
			Peer: d.peer.number, Time: d.at, Payload: d.payloads[begin:m.end],
		})
		if err != nil {
			return a.check(err)
		}
		begin = m.end
	}
	if d.last.Kind == 0 {
		return nil
	}
	return a.report(d.last)
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
