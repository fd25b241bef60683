package client

import (
	"slices"
	"time"
)

// Stats are the counts and times of a session so far.
type Stats struct {
	Sent, Received Counts        // over all connections; received is as of the last wait for the server
	Uptime         time.Duration // of the current connection; 0 = not connected
	Connections    int           // number of connections so far
	RoundTrips     RoundTrips    // of all Pings, also of those that keep the connection alive
}

// RoundTrips are the times from Pings to their Pongs.
type RoundTrips struct {
	Count                  int
	Last, Min, Median, Max time.Duration // the median is that of the last 1,024
}

// Stats returns the counts and times so far. Any goroutine may call it at any time.
func (s *Session) Stats() Stats {
	c, connected := s.current()
	stats := Stats{
		Sent:        Counts{c.writtenSoFar(), s.sentBytes.Load()},
		Received:    s.Received(),
		Connections: c.number,
		RoundTrips:  s.pings.roundTrips(),
	}
	if connected {
		stats.Uptime = time.Since(c.opened)
	}
	return stats
}

// maxTrips is the number of round trips that the median is computed from.
const maxTrips = 1024

// roundTrips collects round trip times.
type roundTrips struct {
	RoundTrips
	kept []time.Duration // the latest, in no order once it is full
}

func (r *roundTrips) add(took time.Duration) {
	if len(r.kept) < maxTrips {
		r.kept = append(r.kept, took)
	} else {
		r.kept[r.Count%maxTrips] = took
	}
	if r.Min = min(r.Min, took); r.Count == 0 {
		r.Min = took
	}
	r.Count++
	r.Last, r.Max = took, max(r.Max, took)
}

func (r *roundTrips) summary() RoundTrips {
	sum := r.RoundTrips
	if sum.Count > 0 {
		sorted := slices.Sorted(slices.Values(r.kept))
		sum.Median = sorted[len(sorted)/2]
	}
	return sum
}
