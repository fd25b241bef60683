package dialect

import (
	"fmt"
	"time"
)

// The bound of answers: maxSurplus more per second than received messages, for maxSurplusSeconds seconds.
const (
	maxSurplus        = 1000
	maxSurplusSeconds = 3
)

// rate detects a dialect that answers without bound.
type rate struct {
	second  time.Time // when this second began
	surplus int       // number of answers minus number of messages in this second
	seconds int       // number of consecutive seconds with too large a surplus
}

var errLoop = fmt.Errorf("sent more than %d messages a second more than it received, for %d seconds", maxSurplus, maxSurplusSeconds)

// add counts the answers to a message.
func (r *rate) add(now time.Time, answers int) error {
	if now.Sub(r.second) >= time.Second {
		if r.surplus > maxSurplus && now.Sub(r.second) < 2*time.Second {
			r.seconds++
		} else {
			r.seconds = 0
		}
		r.second, r.surplus = now, 0
	}
	if r.surplus += answers - 1; r.seconds >= maxSurplusSeconds {
		return errLoop
	}
	return nil
}
