// Package accept is a session with the clients that connect to a port, for trying out clients: a message is sent to all of
// them, and what each of them sends is reported as events.
package accept

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client"
)

// errBusy is why a second client is rejected.
var errBusy = errors.New("another client is connected")

// Acceptor is a session with the clients that connect. A message is sent to all of them, as fast as the slowest one reads. One
// goroutine sends, another calls Run. The handler is called by goroutines of the clients, with one received event at a time; each
// of these calls Flush before it waits, which also flushes what Reply has written. What is sent is reported by the goroutine that
// sends it, and a client that was rejected by another.
type Acceptor struct {
	options       client.Options
	rules         Options
	handler       client.Handler
	socket        net.Listener
	http          *http.Server
	url           string
	goroutines    sync.WaitGroup // goroutines that end before Run does
	ended         chan struct{}  // closed when no client is connected and none will be accepted
	fragmentPeers []*peer        // the clients that get the message whose fragments are being sent; the sending goroutine's own

	received queue     // what several clients have received
	current  *delivery // whose events are handled; of the goroutine that handles what was received

	mu             sync.Mutex            // guards the fields below; neither the handler nor a session is called while it is held
	changed        sync.Cond             // a client has connected, or none will
	connecting     int                   // clients whose opening handshake is not done
	peers          []*peer               // in the order in which they connected; replaced, never changed
	latest         *peer                 // the client that connected last; nil = no client has connected
	lastNumber     int                   // number of the last client reserved for
	count          int                   // clients so far
	initial        []client.Message      // messages sent first to each client that connects
	closing        bool                  // no further client is accepted
	closePeer      func(*client.Session) // closes a client that connects too late; nil = it is not closed
	lastDisconnect time.Time             // when the last client disconnected
	closedStats    client.Stats          // of the clients that have disconnected, as is sum
	summary        client.Summary
	err            error // the result of Run
}

// Run accepts clients and receives from them until the acceptor is closed, and returns nil. Without Options.Stay it returns
// when the first client has disconnected, with the result of that client's Session.Run.
func (a *Acceptor) Run() error {
	a.report(client.Event{Kind: client.KindListening, Time: time.Now(), Detail: &client.Listening{URL: a.url}})
	a.goroutines.Go(func() { // ended by closing a.http
		defer a.guard()
		if err := a.http.Serve(a.socket); !errors.Is(err, http.ErrServerClosed) {
			a.failHandler(err)
		}
	})
	<-a.ended
	a.http.Close()
	a.goroutines.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// ServeHTTP performs the opening handshake of a client, or rejects it if another is connected.
func (a *Acceptor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := a.reserve()
	if p == nil {
		w.Header().Set("Connection", "close")
		http.Error(w, errBusy.Error(), http.StatusServiceUnavailable)
		a.reportRejected(r, errBusy)
		return
	}
	up, err := acceptHandshake(w, r, a.options, a.rules)
	if err != nil {
		a.reportRejected(r, err)
		a.cancelReservation()
		return
	}
	o := a.options
	o.ReportSent = false // the acceptor reports a sent message, once for all clients
	p.session = client.Accepted(up, o, p)
	a.addPeer(p)
}

// reserve returns a peer for a client that connects; nil = the client must be rejected.
func (a *Acceptor) reserve() *peer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.rules.All && len(a.peers) == 1 && a.peers[0].closing.Load() {
		a.changed.Wait() // a page that is reloaded connects before its old connection is closed
	}
	if a.closing || !a.rules.All && a.connecting+len(a.peers) > 0 {
		return nil
	}
	a.connecting++
	p := &peer{acceptor: a, initialSent: make(chan struct{})}
	if a.rules.All {
		a.lastNumber++
		p.number = a.lastNumber
	}
	p.next = delivery{number: p.number, turn: make(chan bool, 1)}
	return p
}

// cancelReservation drops a reserved peer whose handshake failed.
func (a *Acceptor) cancelReservation() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.connecting--
	a.endIfDone()
}

// addPeer adds a client, whose events are handled from now on.
func (a *Acceptor) addPeer(p *peer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.connecting--
	a.count++
	a.latest = p
	a.peers = append(a.peers[:len(a.peers):len(a.peers)], p)
	initial := a.initial[:len(a.initial):len(a.initial)]
	a.goroutines.Go(func() {
		defer a.guard()
		a.peerClosed(p, p.session.Run())
	})
	a.goroutines.Go(func() { // ended by the session's end at the latest
		defer a.guard()
		p.sendInitial(initial)
	})
	if closePeer := a.closePeer; closePeer != nil {
		a.goroutines.Go(func() { // ended by the session's end
			defer a.guard()
			closePeer(p.session)
		})
	}
	a.changed.Broadcast()
}

// peerClosed removes a client whose session ended with err.
func (a *Acceptor) peerClosed(p *peer, err error) {
	if a.rules.Stay {
		p.reportLoss(err)
	}
	stats, summary := p.session.Stats(), p.session.Summary()
	a.mu.Lock()
	defer a.mu.Unlock()
	var rest []*peer
	for _, peer := range a.peers {
		if peer != p {
			rest = append(rest, peer)
		}
	}
	a.peers = rest
	a.lastDisconnect = time.Now()
	addStats(&a.closedStats, stats)
	addSummary(&a.summary, summary)
	if !a.rules.Stay {
		a.closing = true
		if a.err == nil {
			a.err = err
		}
	}
	a.endIfDone()
}

// endIfDone lets Run return if no client is connected and none will be accepted. The mutex is held.
func (a *Acceptor) endIfDone() {
	a.changed.Broadcast()
	if !a.closing || a.connecting+len(a.peers) > 0 {
		return
	}
	select {
	case <-a.ended:
	default:
		close(a.ended)
	}
}

// guard is deferred by every goroutine.
func (a *Acceptor) guard() {
	if a.rules.Guard != nil {
		a.rules.Guard()
	}
}

// peer is a client of an acceptor. It handles the events of its session for the acceptor's handler.
type peer struct {
	acceptor    *Acceptor
	session     *client.Session
	number      int           // in events, from 1; 0 = only one client at a time
	initialSent chan struct{} // closed when the initial messages were sent
	closing     atomic.Bool   // a Close frame was sent or received

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
		p.acceptor.report(p.next.sent(message.Type, message.Data, true, true))
	}
	p.session.Send(message)
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
		p.acceptor.current = &p.next
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
	if len(p.next.replies) == 0 {
		return
	}
	p.replied = true
	for _, r := range p.next.replies {
		p.session.Reply(r.kind, r.data, r.first, r.last)
	}
	p.next.replies = p.next.replies[:0]
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
