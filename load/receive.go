package load

import (
	"context"
	"strconv"
	"time"

	"wsx/load/report"
)

// pauseFactor is the multiple of the median above which a pause counts as a gap.
const pauseFactor = 10

// runReceive sends nothing, and measures the time between two messages of a connection.
func runReceive(ctx context.Context, r *run) (*report.Report, error) {
	r.stream = &stream{}
	rep, err := r.exchange(ctx, r.Connections, func(context.Context) {
		if r.Verb == nil {
			return
		}
		for _, c := range r.conns { // a subscription
			c.schedule(r.now())
		}
	})
	if err != nil {
		return nil, err
	}
	median := rep.Distribution().Percentile(50)
	rep.Model, rep.Asked = "none", 0
	rep.Gaps = &report.Gaps{
		Pauses: rep.Distribution().CountAbove(pauseFactor * median), Over: rep.Latency.P50 * pauseFactor, Missing: r.stream.missing.Load(),
	}
	return rep, nil
}

// handler returns the function for messages that a connection receives.
func (s *stream) handler(c *conn) func(payload []byte, now int64) {
	var last int64       // when the last message was received; 0 = none was
	var lastNumber int64 // number of the last message, if numbered is set
	numbered := false
	return func(payload []byte, now int64) {
		c.run.recordPause(c.shard, last, now)
		last = now
		if c.run.Key == nil {
			return
		}
		key, found := c.run.Key(payload)
		n, err := strconv.ParseInt(key, 10, 64)
		if !found || err != nil {
			return
		}
		if numbered && n > lastNumber+1 && c.run.measured(now) {
			s.missing.Add(uint64(n - lastNumber - 1))
		}
		lastNumber, numbered = n, true
	}
}

// recordPause counts a message that arrived now, and the time since the previous one; before is 0 if there was none.
func (r *run) recordPause(s *shard, before, now int64) {
	if !r.measured(now) {
		return
	}
	s.mu.Lock()
	if before > 0 {
		s.latency.Record(time.Duration(now - before))
	}
	s.received++
	s.arrived++
	s.mu.Unlock()
}
