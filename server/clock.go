package server

import (
	"math"
	"time"

	"github.com/coder/websocket"
)

// startClock says the date and time at once and then every o.Every, whatever the client says.
func startClock(o Options) func(*session) error {
	return func(c *session) error {
		if err := sayTime(c, o.Now()); err != nil {
			return err
		}
		tick := func(stop <-chan struct{}) { tick(c, o, stop) }
		return c.converse(tick, func() error { return ignore(c) })
	}
}

// tick returns when stop is closed or nothing can be said any more.
func tick(c *session, o Options, stop <-chan struct{}) {
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		if sayTime(c, o.Now()) != nil {
			return
		}
	}
}

// ignore reads until the client is gone.
func ignore(c *session) error {
	for {
		if _, _, _, err := c.next(nil, math.MaxInt); err != nil {
			return err
		}
	}
}

func sayTime(c *session, now time.Time) error {
	return c.say(websocket.MessageText, []byte(now.Format(time.RFC3339)))
}
