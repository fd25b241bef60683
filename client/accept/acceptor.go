// Package accept is a session with the clients that connect to a port, for trying out clients: a message is sent to all of
// them, and what each of them sends is reported as events.
package accept

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"wsx/client"
)

// errBusy is why a second client is rejected.
var errBusy = errors.New("another client is connected")

// ErrNoClient is returned by sends while no client is connected.
var ErrNoClient = errors.New("no client is connected: the message was not sent")

// Options configure which clients are accepted, and when accepting ends: with the zero value, when the first client
// disconnects.
type Options struct {
	Origins []string                   // patterns (path.Match) of further hosts whose pages may connect; "*" = all
	Host    func(*http.Request) string // the host whose pages may always connect; nil = the host of the request
	All     bool                       // accept any number of clients at once; false = one, others are rejected while it is connected
	Stay    bool                       // accepting goes on after a client has disconnected
	Wait    bool                       // sends wait for a client; false = they fail with ErrNoClient
	Guard   func()                     // deferred by every goroutine of the acceptor; nil = nothing is deferred
}

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

	received queue // what several clients have received
	current  *peer // the client whose event is handled; of the goroutine that handles what was received

	mu             sync.Mutex            // guards the fields below; neither the handler nor a session is called while it is held
	changed        sync.Cond             // a client has connected, or none will
	connecting     int                   // clients whose opening handshake is not done
	peers          []*peer               // in the order in which they connected; replaced, never changed
	latest         *peer                 // the client that connected last; nil = no client has connected
	lastNumber     int                   // number of the last client reserved for
	count          int                   // clients so far
	initial        []client.Message      // messages sent first to each client that connects
	closing        bool                  // no further client is accepted
	closePeer      func(*client.Session) // closes a client that connects too late
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
	p.next = delivery{peer: p, turn: make(chan bool, 1)}
	if a.rules.All {
		a.lastNumber++
		p.number = a.lastNumber
	}
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
	if a.closing {
		a.goroutines.Go(func() { a.closePeer(p.session) })
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
