package server

import (
	"time"

	"wsx/client/wire"
)

// startClock sends the date and time at once and then every o.Every, whatever the client sends.
func startClock(o Options) func() func(*peer) error {
	return always(func(p *peer) error {
		if err := sendTime(p, o.Now()); err != nil {
			return err
		}
		tick := func(stop <-chan struct{}) { sendTimes(p, o, stop) }
		return p.sendAndReceive(tick, p.discard)
	})
}

func sendTimes(p *peer, o Options, stop <-chan struct{}) {
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		if sendTime(p, o.Now()) != nil {
			return
		}
	}
}

func sendTime(p *peer, now time.Time) error {
	if err := p.send(wire.Text, []byte(now.Format(time.RFC3339))); err != nil {
		return err
	}
	return p.conn.Flush()
}
