package client

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// maxProbes is how many unanswered probes are remembered, more than the buffers of a connection can hold. If there are more,
// the oldest are dropped.
const maxProbes = 1024

// probes are the Pings that the session itself sends on a connection, unlike those of the caller. A Pong proves that the server
// has read everything that was sent before the Ping (RFC 6455, section 5.5.3).
type probes struct {
	mu          sync.Mutex // guards the fields below
	name        string     // prefix of their payloads, and of no other Ping's
	count       int
	outstanding []probe
	anyAnswered bool // a probe was answered
}

type probe struct {
	data string
	at   time.Time
	upto uint64 // messages written before it
}

// add records a probe that is sent after upto messages, and returns its payload.
func (p *probes) add(upto uint64) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.name == "" {
		p.name = "wsx-" + strconv.FormatUint(uint64(rand.Uint32()), 36) + "-"
	}
	p.count++
	if len(p.outstanding) == maxProbes {
		p.outstanding = p.outstanding[1:]
	}
	one := probe{p.name + strconv.Itoa(p.count), time.Now(), upto}
	p.outstanding = append(p.outstanding, one)
	return []byte(one.data)
}

// answered finds the probe that a Pong answers, and forgets the earlier probes that it answers as well.
func (p *probes) answered(data []byte) (probe, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, one := range p.outstanding {
		if one.data == string(data) {
			p.outstanding, p.anyAnswered = p.outstanding[i+1:], true
			return one, true
		}
	}
	return probe{}, false
}

// hasOutstanding reports whether a probe is unanswered.
func (p *probes) hasOutstanding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.outstanding) > 0
}

// hasAnswer reports whether any probe was ever answered.
func (p *probes) hasAnswer() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.anyAnswered
}
