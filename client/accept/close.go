package accept

import (
	"cmp"
	"sync"
	"time"

	"wsx/client"
	"wsx/client/dial"
)

// Close sends a Close frame to all clients after everything sent before; no further client is accepted. Run continues until all
// have answered. A code or reason that must not be sent is a *dial.UsageError, and nothing is closed.
func (a *Acceptor) Close(code int, reason string) error {
	if err := client.CheckClose(code, reason); err != nil {
		return err
	}
	a.closeAll(func(s *client.Session) { s.Close(code, reason) }).Wait()
	return nil
}

// ClosePeers sends a Close frame to all clients; others may connect.
func (a *Acceptor) ClosePeers(code int, reason string) error {
	if err := client.CheckClose(code, reason); err != nil {
		return err
	}
	all, err := a.readyPeers()
	for _, p := range all {
		p.session.Close(code, reason)
	}
	return err
}

// CloseNow sends a Close frame to all clients without waiting for earlier messages; Run then waits at most
// client.Options.CloseTimeout. It may be called by any goroutine.
func (a *Acceptor) CloseNow(code int, reason string) {
	a.closeAll(func(s *client.Session) { s.CloseNow(code, reason) })
}

// Abort sends a Close frame to all clients and waits at most 250 ms for their answers.
func (a *Acceptor) Abort(code int, reason string) {
	a.closeAll(func(s *client.Session) { s.Abort(code, reason) })
}

// failHandler closes all connections because of an error, which Run returns.
func (a *Acceptor) failHandler(err error) {
	a.mu.Lock()
	if a.err == nil {
		a.err = err
	}
	a.mu.Unlock()
	a.CloseNow(client.GoingAway, "")
}

// closeAll stops accepting clients, and closes all connections, each in a goroutine of its own since the event being handled
// must be finished first. The result waits for these goroutines.
func (a *Acceptor) closeAll(closePeer func(*client.Session)) *sync.WaitGroup {
	var closed sync.WaitGroup
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closing, a.closePeer = true, closePeer
	for _, p := range a.peers {
		closed.Add(1)
		a.goroutines.Go(func() { // ended by the session's end
			defer a.guard()
			defer closed.Done()
			closePeer(p.session)
		})
	}
	a.endIfDone()
	return &closed
}

// RetryNow does nothing: an acceptor does not dial.
func (a *Acceptor) RetryNow() {}

// Silence returns how long no client has sent a message, or for how long no client has been connected. It is 0 before the first
// connects.
func (a *Acceptor) Silence() time.Duration {
	a.mu.Lock()
	count, peers, lastDisconnect := a.count, a.peers, a.lastDisconnect
	a.mu.Unlock()
	switch {
	case count == 0:
		return 0
	case len(peers) == 0:
		return time.Since(lastDisconnect)
	}
	least := peers[0].session.Silence()
	for _, p := range peers[1:] {
		least = min(least, p.session.Silence())
	}
	return least
}

// Handshake returns that of the client that connected last. Before the first client it has only the address of the listener.
func (a *Acceptor) Handshake() *dial.Handshake {
	a.mu.Lock()
	latest := a.latest
	a.mu.Unlock()
	if latest == nil {
		return &dial.Handshake{URL: a.url, Local: a.socket.Addr().String()}
	}
	return latest.session.Handshake()
}

// Stats returns those of all clients together; Uptime is that of the client that connected last.
func (a *Acceptor) Stats() client.Stats {
	a.mu.Lock()
	stats, peers := a.closedStats, a.peers
	a.mu.Unlock()
	for _, p := range peers {
		one := p.session.Stats()
		addStats(&stats, one)
		stats.Uptime = one.Uptime
	}
	return stats
}

// Summary returns that of all sessions together, exact once Run has returned. Code is that of the session that ended last.
func (a *Acceptor) Summary() client.Summary {
	a.mu.Lock()
	sum, peers := a.summary, a.peers
	a.mu.Unlock()
	for _, p := range peers {
		addSummary(&sum, p.session.Summary())
	}
	sum.Code = cmp.Or(sum.Code, client.NoClose)
	return sum
}

// addSummary adds the counts of another session.
func addSummary(s *client.Summary, other client.Summary) {
	s.Code = other.Code
	s.Sent += other.Sent
	s.Received += other.Received
}

// addStats adds the counts of another session. The round trips are those of the session that was added last.
func addStats(s *client.Stats, other client.Stats) {
	addCounts(&s.Sent, other.Sent)
	addCounts(&s.Received, other.Received)
	s.Connections += other.Connections
	if other.RoundTrips.Count > 0 {
		s.RoundTrips = other.RoundTrips
	}
}

func addCounts(c *client.Counts, other client.Counts) {
	c.Messages += other.Messages
	c.Bytes += other.Bytes
}
