package load

import (
	"context"
	"time"

	"wsx/load/report"
)

// roundTimeout bounds the time that a sender in the closed model waits for all receivers.
const roundTimeout = time.Second

// runFanout sends messages that the server delivers to all receivers, and measures the latency of each delivery.
func runFanout(ctx context.Context, r *run) (*report.Report, error) {
	f := &fanout{run: r, receivers: r.Connections, prefix: markPrefix(r.id)}
	for range r.Senders {
		f.rounds = append(f.rounds, &round{})
	}
	r.fanout = f
	rep, err := r.exchange(ctx, r.Connections+r.Senders, f.send)
	for _, round := range f.rounds {
		round.stop()
	}
	if err != nil {
		return nil, err
	}
	rep.Reach = &report.Reach{Expected: rep.Sent * uint64(f.active), Received: rep.Received, Repeated: f.repeated}
	if rep.Reach.Expected > 0 {
		rep.Reach.Share = float64(rep.Reach.Received) / float64(rep.Reach.Expected)
	}
	return rep, nil
}

// send sends messages at the rate; in the closed model it sends the first message of each sender.
func (f *fanout) send(ctx context.Context) {
	var senders []*conn
	for _, c := range f.run.conns {
		if c.n < f.receivers {
			f.active++
		} else {
			senders = append(senders, c)
		}
	}
	if f.run.Rate == 0 {
		for _, c := range senders {
			f.rounds[c.n-f.receivers].next = func() {
				if now := f.run.now(); ctx.Err() == nil && now < f.run.to.Load() {
					c.schedule(now)
				}
			}
		}
	}
	if len(senders) > 0 {
		f.run.send(ctx, senders)
	}
}

// sent starts a round of a sender.
func (f *fanout) sent(c *conn, seq uint64) {
	round := f.rounds[c.n-f.receivers]
	if round.next == nil {
		return
	}
	round.mu.Lock()
	defer round.mu.Unlock()
	round.seq, round.remaining = uint32(seq), f.active
	if round.timer != nil {
		round.timer.Stop()
	}
	round.timer = time.AfterFunc(roundTimeout, round.next)
}

// delivered records that a receiver has received a message of a sender.
func (r *round) delivered(seq uint32) {
	if r.next == nil {
		return
	}
	r.mu.Lock()
	last := false
	if seq == r.seq && r.remaining > 0 {
		r.remaining--
		last = r.remaining == 0 && r.timer.Stop()
	}
	r.mu.Unlock()
	if last {
		r.next()
	}
}

func (r *round) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
}

// handler returns the function for messages that a connection receives. Senders ignore them.
func (f *fanout) handler(c *conn) func(payload []byte, now int64) {
	if c.n >= f.receivers {
		return func([]byte, int64) {}
	}
	seen := make([]bits, f.run.Senders)
	return func(payload []byte, now int64) {
		m, found := findMark(payload, f.prefix)
		sender := int(m.conn) - f.receivers
		if !found || sender < 0 || sender >= len(seen) {
			return
		}
		if !seen[sender].set(m.seq) {
			f.mu.Lock()
			f.repeated++
			f.mu.Unlock()
			return
		}
		f.run.record(c.shard, m.due, now)
		f.run.replied(1)
		f.rounds[sender].delivered(m.seq)
	}
}

// bits is the set of the numbers of received messages.
type bits []uint64

// set adds a number, and reports whether it is new.
func (b *bits) set(n uint32) bool {
	at := int(n / 64)
	if at >= len(*b) {
		*b = append(*b, make([]uint64, at+1-len(*b))...)
	}
	bit := uint64(1) << (n % 64)
	if (*b)[at]&bit != 0 {
		return false
	}
	(*b)[at] |= bit
	return true
}
