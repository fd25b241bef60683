package load

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/dial"
	"wsx/load/report"
)

// shard has the counters for some of the connections. There are several so that goroutines seldom contend for one.
type shard struct {
	sent, out, in atomic.Uint64 // messages and bytes so far

	mu sync.Mutex // guards the field below; held while a histogram counts a duration: nanoseconds, and nothing that blocks
	counts
}

// counts is what a shard has counted since it was collected.
type counts struct {
	latency    *report.Histogram
	late       *report.Histogram
	received   uint64 // measured messages whose reply was received
	arrived    uint64 // replies that arrived in the measured time
	unanswered uint64 // messages without a reply, in latency
}

func newCounts() counts { return counts{latency: report.NewHistogram(), late: report.NewHistogram()} }

// reset removes everything that was counted.
func (c *counts) reset() {
	c.latency.Reset()
	c.late.Reset()
	*c = counts{latency: c.latency, late: c.late}
}

func newShards() []*shard {
	shards := make([]*shard, runtime.GOMAXPROCS(0))
	for i := range shards {
		shards[i] = &shard{counts: newCounts()}
	}
	return shards
}

// record counts a reply that arrived now to a message that was due at due.
func (r *run) record(s *shard, due, now int64) {
	measured, arrived := r.measured(due), r.measured(now)
	if !measured && !arrived {
		return
	}
	s.mu.Lock()
	if measured {
		s.latency.Record(time.Duration(now - due))
		s.received++
	}
	if arrived {
		s.arrived++
	}
	s.mu.Unlock()
}

// recordUnanswered counts a message without a reply, and how long it has waited.
func (s *shard) recordUnanswered(waited time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency.Record(waited)
	s.unanswered++
}

// recordLate counts how late a message that was due at due is sent.
func (r *run) recordLate(s *shard, due int64) {
	if !r.measured(due) {
		return
	}
	late := time.Duration(r.now() - due)
	s.mu.Lock()
	s.late.Record(late)
	s.mu.Unlock()
}

// collector sums up the counters of the shards.
type collector struct {
	latency, late *report.Histogram
	interval      *report.Histogram // between the last two calls of collect
	coarse        *report.Histogram // of the current interval of the report
	began         int64             // when that interval began, ns since the epoch
	before        uint64            // number of replies that arrived before it
	sent, out, in uint64
	received      uint64
	arrived       uint64
	unanswered    uint64
	intervals     []report.Interval
	logs          []logged
	connecting    connecting
	spare         counts // empty; takes the place of those of a shard
}

// logged is the histogram of an interval.
type logged struct {
	from, to time.Time
	latency  *report.Histogram
}

func newCollector() *collector {
	return &collector{
		latency: report.NewHistogram(), late: report.NewHistogram(), interval: report.NewHistogram(), coarse: report.NewHistogram(),
		connecting: connecting{steps: map[string]*report.Histogram{}}, spare: newCounts(),
	}
}

// collect adds what the shards have counted since the last call.
func (c *collector) collect(shards []*shard) {
	c.sent, c.out, c.in = 0, 0, 0
	c.interval.Reset()
	for _, s := range shards {
		c.sent += s.sent.Load()
		c.out += s.out.Load()
		c.in += s.in.Load()
		s.mu.Lock()
		s.counts, c.spare = c.spare, s.counts
		s.mu.Unlock()
		c.interval.Add(c.spare.latency)
		c.late.Add(c.spare.late)
		c.received += c.spare.received
		c.arrived += c.spare.arrived
		c.unanswered += c.spare.unanswered
		c.spare.reset()
	}
	c.latency.Add(c.interval)
	c.coarse.Add(c.interval)
}

// connecting has a histogram of each step of connecting.
type connecting struct {
	mu    sync.Mutex // guards the field below and its histograms; held while they count and compute, which never blocks
	steps map[string]*report.Histogram
}

// record counts how long a connection took to open.
func (c *connecting) record(t dial.Timing, login, total time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, took := range map[string]time.Duration{
		"dns": t.DNS, "connect": t.Connect, "proxy": t.Proxy, "tls": t.TLS, "upgrade": t.Upgrade, "login": login, "total": total,
	} {
		if took == 0 && name != "total" {
			continue
		}
		if c.steps[name] == nil {
			c.steps[name] = report.NewHistogram()
		}
		c.steps[name].Record(took)
	}
}

// reset discards what was recorded.
func (c *connecting) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.steps)
}

// total returns the histogram of the times that connections took to open; nil = none was opened.
func (c *connecting) total() *report.Histogram {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steps["total"]
}

func (c *connecting) quantiles() map[string]report.Quantiles {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]report.Quantiles{}
	for name, h := range c.steps {
		all[name] = h.Quantiles()
	}
	return all
}
