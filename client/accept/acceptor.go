// Package accept is the session of a server with the clients that connect to it, for tests of clients: what is sent goes to all of
// them, what each sends is an event.
package accept

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
	"wsx/client"
)

// errOccupied is why a second client is rejected.
var errOccupied = errors.New("another client is connected")

// ErrNoClient is returned by sends while no client is connected.
var ErrNoClient = errors.New("no client is connected: the message was not sent")

// AcceptOptions say which clients are accepted, and when accepting ends: with the zero value, when the first client disconnects.
type Options struct {
	Origins []string                   // host patterns of further sites whose pages may connect; "*" = all
	Host    func(*http.Request) string // the host whose pages may always connect; nil = the host of the request
	All     bool                       // any number of clients at once; else one, and others are rejected while it is connected
	Stay    bool                       // accepting goes on after a client has disconnected
	Wait    bool                       // sends wait for a client; else they fail with ErrNoClient
	Guard   func()                     // deferred by every goroutine of the acceptor; nil = none
}

// Acceptor is a session with the clients that connect. A message goes to all of them, as fast as the slowest reads it.
// One goroutine sends, another calls Run. The handler gets the events of one client at a time, from goroutines of the clients;
// each calls Flush before it waits, whatever the others do, and then what Reply has written is flushed.
type Acceptor struct {
	options       client.Options
	rules         Options
	handler       client.Handler
	socket        net.Listener
	http          *http.Server
	url           string
	busy          sync.WaitGroup // goroutines that end before Run does
	ended         chan struct{}  // closed when no client is connected and none will be accepted
	fragmentPeers []*peer        // the clients that get the message whose fragments are being sent; the sending goroutine's own

	handling sync.Mutex // held while the handler is called, so that it gets one event at a time; no session is called while it is held
	current  *peer      // the client whose event is handled; guarded by handling

	mu          sync.Mutex       // guards the fields below; the handler is not called while it is held
	arrival     sync.Cond        // a client has connected, or none will
	coming      int              // clients whose opening handshake is not done
	present     []*peer          // in the order in which they connected; replaced, never changed
	latest      *peer            // the client that connected last; nil = no client has connected
	number      int              // number of the last client reserved for
	count       int              // clients so far
	initial     []client.Message // messages sent first to each client that connects
	closing     bool             // no further client is accepted
	closePeer   func(*client.Session)
	left        time.Time    // when the last client disconnected
	closedStats client.Stats // of the clients that have disconnected, as is sum
	sum         client.Summary
	err         error // the result of Run
}

// Run accepts clients and receives from them until it is closed, and returns nil; without AcceptOptions.Stay it returns when the
// first client has disconnected, with the result of Session.Run.
func (p *Acceptor) Run() error {
	p.report(client.Event{Kind: client.KindListening, Time: time.Now(), Detail: &client.Listening{URL: p.url}})
	p.busy.Go(func() { // ended by closing p.http
		defer p.guard()
		if err := p.http.Serve(p.socket); !errors.Is(err, http.ErrServerClosed) {
			p.failHandler(err)
		}
	})
	<-p.ended
	p.http.Close()
	p.busy.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// ServeHTTP performs the opening handshake of a client, or rejects it if another is connected.
func (p *Acceptor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := p.reserve()
	if m == nil {
		w.Header().Set("Connection", "close")
		http.Error(w, errOccupied.Error(), http.StatusServiceUnavailable)
		p.reportRejected(r, errOccupied)
		return
	}
	up, err := answer(w, r, p.options, p.rules)
	if err != nil {
		p.reportRejected(r, err)
		p.removePeer()
		return
	}
	o := p.options
	o.ReportSent = false // the acceptor reports a sent message, once for all clients
	m.session = client.Accepted(up, o, m)
	p.addPeer(m)
}

// reserve returns a peer for a client that connects; nil = the client must be rejected.
func (p *Acceptor) reserve() *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.rules.All && p.closeDone() {
		p.arrival.Wait() // a page that is reloaded connects before its old connection is closed
	}
	if p.closing || !p.rules.All && p.coming+len(p.present) > 0 {
		return nil
	}
	p.coming++
	m := &peer{acceptor: p, initialSent: make(chan struct{})}
	if p.rules.All {
		p.number++
		m.number = p.number
	}
	return m
}

// closeDone reports whether the one client is about to disconnect. The mutex is held.
func (p *Acceptor) closeDone() bool {
	return len(p.present) == 1 && (p.present[0].session.Closing())
}

// removePeer gives up a reserved peer whose handshake failed.
func (p *Acceptor) removePeer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming--
	p.finish()
}

// addPeer adds a client, whose events are handled from now on.
func (p *Acceptor) addPeer(m *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming--
	p.count++
	p.latest = m
	p.present = append(p.present[:len(p.present):len(p.present)], m)
	initial := p.initial[:len(p.initial):len(p.initial)]
	p.busy.Go(func() {
		defer p.guard()
		p.peerClosed(m, m.session.Run())
	})
	p.busy.Go(func() { // ended by the session's end at the latest
		defer p.guard()
		m.sendInitial(initial)
	})
	if p.closing {
		p.busy.Go(func() { p.closePeer(m.session) })
	}
	p.arrival.Broadcast()
}

// peerClosed removes a client whose session ended with err.
func (p *Acceptor) peerClosed(m *peer, err error) {
	if p.rules.Stay {
		m.reportLoss(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var rest []*peer
	for _, one := range p.present {
		if one != m {
			rest = append(rest, one)
		}
	}
	p.present = rest
	p.left = time.Now()
	addStats(&p.closedStats, m.session.Stats())
	addSummary(&p.sum, m.session.Summary())
	if !p.rules.Stay {
		p.closing = true
		if p.err == nil {
			p.err = err
		}
	}
	p.finish()
}

// finish lets Run return if no client is connected and none will be accepted. The mutex is held.
func (p *Acceptor) finish() {
	p.arrival.Broadcast()
	if !p.closing || p.coming+len(p.present) > 0 {
		return
	}
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
}

// guard is deferred by every goroutine.
func (p *Acceptor) guard() {
	if p.rules.Guard != nil {
		p.rules.Guard()
	}
}
