package client

import "time"

// mostPings is how many unanswered Pings of the caller are remembered.
const mostPings = 1024

// sentPing is a Ping that waits for its Pong.
type sentPing struct {
	data string
	at   time.Time
}

// addPing remembers a Ping before it is sent.
func (s *Session) addPing(ping sentPing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pings) == mostPings {
		s.pings = s.pings[1:]
	}
	s.pings = append(s.pings, ping)
}

// roundTrip finds the Ping that a Pong answers; the Pings before it were answered with it (RFC 6455, section 5.5.3).
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

// addRoundTrip remembers how long a Ping of our own took.
func (s *Session) addRoundTrip(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips.add(took)
}
