package client

import "time"

// maxPings is how many unanswered Pings of the caller are remembered.
const maxPings = 1024

// sentPing is a Ping that waits for its Pong.
type sentPing struct {
	data string
	at   time.Time
}

// addPing remembers a Ping before it is sent.
func (s *Session) addPing(ping sentPing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pings) == maxPings {
		s.pings = s.pings[1:]
	}
	s.pings = append(s.pings, ping)
}

// roundTrip returns the round trip time of the Ping that a Pong answers, and reports whether there is one. The Pong also
// answers earlier Pings (RFC 6455, section 5.5.3).
func (s *Session) roundTrip(data string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, ping := range s.pings {
		if ping.data == data {
			s.pings = s.pings[i+1:]
			took := s.activity.now.Sub(ping.at)
			s.trips.add(took)
			return took, true
		}
	}
	return 0, false
}

// addRoundTrip records the round trip time of a probe.
func (s *Session) addRoundTrip(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips.add(took)
}
