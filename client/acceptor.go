package client

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// errOccupied is why a second client is rejected.
var errOccupied = errors.New("another client is connected")

// ErrNoClient is returned for what is sent while no client is connected.
var ErrNoClient = errors.New("no client is connected: the message was not sent")

// AcceptOptions are which clients are accepted, and when it ends. With the zero value it ends with the first connection.
type AcceptOptions struct {
	Origins []string                   // host patterns of other sites whose pages may come; "*" = all
	Host    func(*http.Request) string // the host whose pages may come in any case; nil = that which the request is for
	All     bool                       // any number of clients at once; else one, and others are rejected meanwhile
	Stay    bool                       // it goes on after a client has disconnected
	Wait    bool                       // what is sent waits for a client; else it is refused with ErrNoClient
	Guard   func()                     // deferred by every goroutine of the acceptor; nil = none
}

// Acceptor is a session with the clients that connect. A message goes to all of them, as fast as the slowest reads it.
// One goroutine sends, another calls Run. The handler gets the events of one client at a time, from goroutines of the clients;
// each calls Flush before it waits, whatever the others do, and then what Reply has written is flushed.
type Acceptor struct {
	options       Options
	rules         AcceptOptions
	handler       Handler
	socket        net.Listener
	http          *http.Server
	url           string
	busy          sync.WaitGroup // goroutines that end before Run does
	ended         chan struct{}  // closed when no client is connected and none will be accepted
	fragmentPeers []*peer        // the clients that get the message whose fragments are being sent; the sending goroutine's own

	handling sync.Mutex // held while the handler is called, so that it gets one event at a time, and no session is called meanwhile
	current  *peer      // the client whose event is handled; guarded by handling

	mu       sync.Mutex // guards the fields below; the handler is not called while it is held
	arrival  sync.Cond  // a client has connected, or none will
	coming   int        // clients whose handshake is not done
	present  []*peer    // in the order of their coming; replaced, never changed
	latest   *peer      // the client that connected last; nil = none has
	number   int        // of the client that was expected last
	count    int        // clients so far
	greeting []Message  // messages sent first to each client that connects
	closing  bool       // no further client is accepted
	bye      func(*Session)
	left     time.Time // when the last client disconnected
	gone     Stats     // of the clients that have disconnected, as is the next field
	sum      Summary
	err      error // why it ended badly
}

// Run accepts clients and receives from them until it is over, and returns why: nil when we ended it; without AcceptOptions.Stay
// as Session.Run does of the one client.
func (p *Acceptor) Run() error {
	p.report(Event{Kind: KindListening, Time: time.Now(), Detail: &Listening{URL: p.url}})
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

// ServeHTTP lets a client in, if there is room.
func (p *Acceptor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := p.reserve()
	if m == nil {
		w.Header().Set("Connection", "close")
		http.Error(w, errOccupied.Error(), http.StatusServiceUnavailable)
		p.reportRejected(r, errOccupied)
		return
	}
	up, err := p.options.accept(w, r, p.rules)
	if err != nil {
		p.reportRejected(r, err)
		p.removePeer()
		return
	}
	o := p.options
	o.ReportSent = false // the acceptor reports a sent message, once for all clients
	m.session = newSession(up, nil, o, m)
	p.addPeer(m)
}

// reserve makes room for a client; nil = there is no room.
func (p *Acceptor) reserve() *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.rules.All && p.closeDone() {
		p.arrival.Wait() // a page that is loaded again comes before it has quite gone
	}
	if p.closing || !p.rules.All && p.coming+len(p.present) > 0 {
		return nil
	}
	p.coming++
	m := &peer{acceptor: p, greeted: make(chan struct{})}
	if p.rules.All {
		p.number++
		m.number = p.number
	}
	return m
}

// closeDone reports whether the one client is about to disconnect.
func (p *Acceptor) closeDone() bool {
	return len(p.present) == 1 && (p.present[0].session.closeReceived() || p.present[0].session.isClosing())
}

// removePeer gives up a client that was expected.
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
	greeting := p.greeting[:len(p.greeting):len(p.greeting)]
	p.busy.Go(func() {
		defer p.guard()
		p.peerClosed(m, m.session.Run())
	})
	p.busy.Go(func() { // ended by the session's end at the latest
		defer p.guard()
		m.greet(greeting)
	})
	if p.closing {
		p.busy.Go(func() { p.bye(m.session) })
	}
	p.arrival.Broadcast()
}

// peerClosed counts a client out whose session ended so.
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
	p.gone.add(m.session.Stats())
	p.sum.add(m.session.Summary())
	if !p.rules.Stay {
		p.closing = true
		if p.err == nil {
			p.err = err
		}
	}
	p.finish()
}

// finish finds out whether it is over.
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
