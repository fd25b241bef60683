package accept

import (
	"sync"
	"time"
	"wsx/client"
	"wsx/client/dial"
)

// Close sends a Close frame to all clients, after all that was sent before; no further client is accepted. Run goes on until
// all have answered. A code or reason that may not be sent is a *UsageError, and nothing is closed.
func (p *Acceptor) Close(code int, reason string) error {
	if err := client.CheckClose(code, reason); err != nil {
		return err
	}
	p.reject(func(s *client.Session) { s.Close(code, reason) }).Wait()
	return nil
}

// ClosePeers sends a Close frame to all clients; others may connect.
func (p *Acceptor) ClosePeers(code int, reason string) error {
	if err := client.CheckClose(code, reason); err != nil {
		return err
	}
	all, err := p.peersAt()
	for _, m := range all {
		m.session.Close(code, reason)
	}
	return err
}

// CloseNow sends a Close frame at once, without waiting for anything but Options.CloseTimeout, from any goroutine.
func (p *Acceptor) CloseNow(code int, reason string) {
	p.reject(func(s *client.Session) { s.CloseNow(code, reason) })
}

// Abort sends a Close frame and hardly waits for the answer: what is still received is of no use.
func (p *Acceptor) Abort(code int, reason string) {
	p.reject(func(s *client.Session) { s.Abort(code, reason) })
}

// failHandler closes all connections because of an error, which Run returns.
func (p *Acceptor) failHandler(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
	}
	p.mu.Unlock()
	p.CloseNow(client.GoingAway, "")
}

// reject accepts no further client, and closes all connections, each in a goroutine of its own, as the event that is being
// handled must be over first. The result waits for these goroutines.
func (p *Acceptor) reject(closePeer func(*client.Session)) *sync.WaitGroup {
	var closed sync.WaitGroup
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closing, p.closePeer = true, closePeer
	for _, m := range p.present {
		closed.Add(1)
		p.busy.Go(func() { // ended by the session's end
			defer p.guard()
			defer closed.Done()
			closePeer(m.session)
		})
	}
	p.finish()
	return &closed
}

// RetryNow does nothing: an acceptor does not dial.
func (p *Acceptor) RetryNow() {}

// Silence returns how long no client has sent a message, or for how long no client has been connected. It is 0 before the first
// connects.
func (p *Acceptor) Silence() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.count == 0:
		return 0
	case len(p.present) == 0:
		return time.Since(p.left)
	}
	least := p.present[0].session.Silence()
	for _, m := range p.present[1:] {
		least = min(least, m.session.Silence())
	}
	return least
}

// Handshake returns that of the client that connected last; before the first it has only the listening address.
func (p *Acceptor) Handshake() *dial.Handshake {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest == nil {
		return &dial.Handshake{URL: p.url, Local: p.socket.Addr().String()}
	}
	return p.latest.session.Handshake()
}

// Stats returns those of all clients together; Uptime is that of the client that connected last.
func (p *Acceptor) Stats() client.Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	stats := p.closedStats
	for _, m := range p.present {
		one := m.session.Stats()
		addStats(&stats, one)
		stats.Uptime = one.Uptime
	}
	return stats
}

// Summary returns that of all sessions together, exact once Run has returned. Code is that of the session that ended last.
func (p *Acceptor) Summary() client.Summary {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := p.sum
	for _, m := range p.present {
		addSummary(&sum, m.session.Summary())
	}
	if sum.Code == 0 {
		sum.Code = client.NoClose
	}
	return sum
}

// addSummary counts in another session.
func addSummary(s *client.Summary, other client.Summary) {
	s.Code = other.Code
	s.Sent += other.Sent
	s.Received += other.Received
}

// addStats counts in another session. The round trips are those of the one that was counted in last.
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
