package load

import (
	"context"

	"wsx/load/report"
)

// runEcho sends messages on all connections, and measures the latency of the replies.
func runEcho(ctx context.Context, r *run) (*report.Report, error) {
	return r.exchange(ctx, r.Connections, func(ctx context.Context) { r.send(ctx, r.conns) })
}

// send sends messages at the rate, on one connection after the other; in the closed model it sends the first message on each.
func (r *run) send(ctx context.Context, conns []*conn) {
	if r.Rate == 0 {
		for _, c := range conns {
			c.schedule(r.now())
		}
		return
	}
	next := 0
	r.pace(ctx, r.Rate, func(_ int, at int64) {
		for range conns { // if a connection is lost, the next one sends the message
			c := conns[next]
			next = (next + 1) % len(conns)
			if c.schedule(at) {
				return
			}
		}
	})
}

// handler returns the function for messages that a connection receives.
func (r *run) handler(c *conn) func(payload []byte, now int64) {
	switch r.Scenario {
	case "fanout":
		return r.fanout.handler(c)
	case "connect":
		return func([]byte, int64) {}
	case "receive":
		return r.stream.handler(c)
	}
	return c.handleEcho
}

// awaitsReplies reports whether a message is answered on the connection that it is sent on.
func (r *run) awaitsReplies() bool { return r.Scenario == "echo" }

// handleEcho handles a message as the reply to one that was sent.
func (c *conn) handleEcho(payload []byte, now int64) {
	due, found := c.answered(payload)
	if !found {
		return // it is not a reply, but a greeting or a broadcast
	}
	c.run.record(c.shard, due, now)
	if c.run.Rate == 0 && now < c.run.to.Load() {
		c.sendNow(now)
	}
	c.run.replied(1)
}
