package client

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// errOccupied is why a second client is sent away.
var errOccupied = errors.New("somebody else is being talked to")

// ErrNoClient is returned for what is said while no client is there.
var ErrNoClient = errors.New("nobody is connected: it was not sent")

// AcceptOptions say who may come, and when it is over. With the zero value it is over when the first client has left.
type AcceptOptions struct {
	Origins []string                   // host patterns of other sites whose pages may come; "*" = all
	Host    func(*http.Request) string // the host whose pages may come in any case; nil = that which the request is for
	All     bool                       // any number of clients at once; else one, and others are sent away meanwhile
	Stay    bool                       // it goes on when a client has left
	Wait    bool                       // what is said waits until somebody is there; else it is refused with ErrNobody
	Guard   func()                     // deferred by every goroutine of the party; nil = none
}

// Acceptor is a conversation with whoever connects. What is said is said to all who are there, as fast as the slowest takes it.
// One goroutine talks, another calls Run. Its listener hears one client at a time, in goroutines of theirs; Idle is called
// by each whenever it waits, whoever else is heard meanwhile, and what Answer has said is flushed then.
type Acceptor struct {
	options Options
	rules   AcceptOptions
	handler Handler
	socket  net.Listener
	http    *http.Server
	url     string
	busy    sync.WaitGroup // goroutines that end before Run does
	over    chan struct{}  // closed when all have left and nobody will come
	within  []*peer        // to whom a message is being said in parts; the talking goroutine's own

	hearing sync.Mutex // held while the listener hears, so that it hears one at a time, and no session is called meanwhile
	speaker *peer      // whom it hears; guarded by that

	mu       sync.Mutex // guards what follows; nobody is heard while it is held
	arrival  sync.Cond  // somebody has come, or nobody will
	coming   int        // clients whose handshake is not done
	present  []*peer    // in the order of their coming; replaced, never changed
	latest   *peer      // who came last; nil = nobody ever came
	number   int        // of the client that was expected last
	count    int        // clients so far
	greeting []Message  // what is said first to each who comes
	closing  bool       // nobody is let in any more
	bye      func(*Session)
	left     time.Time // when the last one left
	gone     Stats     // of those who have left, as is the next
	sum      Summary
	err      error // why it ended badly
}

// Run lets clients come and hears them until it is over, and says why: nil when we ended it; without PartyOptions.Stay
// as Session.Run does of the one client.
func (p *Acceptor) Run() error {
	p.report(Event{Kind: KindListening, Time: time.Now(), Detail: &Listening{URL: p.url}})
	p.busy.Go(func() { // ended by closing p.http
		defer p.guard()
		if err := p.http.Serve(p.socket); !errors.Is(err, http.ErrServerClosed) {
			p.failHandler(err)
		}
	})
	<-p.over
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
	o.ReportSent = false // the party tells it, once for all
	m.session = newSession(up, nil, o, m)
	p.addPeer(m)
}

// reserve makes room for a client; nil = there is none.
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
	m := &peer{party: p, greeted: make(chan struct{})}
	if p.rules.All {
		p.number++
		m.number = p.number
	}
	return m
}

// closeDone says whether the one who is there is about to leave.
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

// addPeer counts a client in, and hears it from now on.
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
	case <-p.over:
	default:
		close(p.over)
	}
}

// guard is deferred by every goroutine.
func (p *Acceptor) guard() {
	if p.rules.Guard != nil {
		p.rules.Guard()
	}
}
