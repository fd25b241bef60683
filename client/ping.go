package client

import (
	"sync"
	"time"
)

// maxPings is how many unanswered Pings of the caller are remembered.
const maxPings = 1024

// pings are the Pings of the caller, and the round trip times of all Pings.
type pings struct {
	mu          sync.Mutex // guards the fields below
	outstanding []sentPing
	trips       roundTrips
}

// sentPing is a Ping that waits for its Pong.
type sentPing struct {
	data string
	at   time.Time
}

// add remembers a Ping before it is sent.
func (p *pings) add(ping sentPing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.outstanding) == maxPings {
		p.outstanding = p.outstanding[1:]
	}
	p.outstanding = append(p.outstanding, ping)
}

// answered returns the round trip time of the Ping that a Pong answers now, and reports whether there is one. The Pong also
// answers earlier Pings (RFC 6455, section 5.5.3).
func (p *pings) answered(data string, now time.Time) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, ping := range p.outstanding {
		if ping.data == data {
			p.outstanding = p.outstanding[i+1:]
			took := now.Sub(ping.at)
			p.trips.add(took)
			return took, true
		}
	}
	return 0, false
}

// forget drops the Pings of a connection that was lost: their Pongs will not arrive.
func (p *pings) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outstanding = nil
}

// addRoundTrip records the round trip time of a probe.
func (p *pings) addRoundTrip(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trips.add(took)
}

// roundTrips returns the round trip times so far.
func (p *pings) roundTrips() RoundTrips {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trips.summary()
}
