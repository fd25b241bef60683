package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/wire"
	"wsx/dialect"
	"wsx/load/report"
)

const (
	tick             = 500 * time.Millisecond // how often progress is reported
	replyTimeout     = 2 * time.Second        // bounds the wait for replies after the last message was due
	closeTimeout     = time.Second            // bounds the closing handshakes
	maxParallelDials = 64                     // connections opened at the same time
)

// run is one run of a scenario.
type run struct {
	Options
	epoch      time.Time
	id         uint32 // identifies the run in marks
	shards     []*shard
	collected  *collector
	fanout     *fanout // nil in other scenarios
	stream     *stream // nil in other scenarios than receive
	conns      []*conn
	readers    sync.WaitGroup
	senders    sync.WaitGroup
	from, to   atomic.Int64  // messages that are due in between are measured, ns since epoch
	pending    atomic.Int64  // number of messages without a reply
	allReplied chan struct{} // signals that pending has become 0
	ending     atomic.Bool   // connections that end from now on are not errors
	allLost    chan struct{} // closed when all connections are lost

	mu     sync.Mutex // guards the fields below
	begun  bool       // each connection has been opened, or has failed
	opened int
	lost   int
	errors map[string]uint64

	firstClose *report.Close
}

// never is a time after the end of every run.
const never = 1<<63 - 1

func newRun(o Options) *run {
	r := &run{Options: o, epoch: time.Now(), allReplied: make(chan struct{}, 1), allLost: make(chan struct{}), errors: map[string]uint64{}}
	r.id = uint32(r.epoch.UnixNano())
	r.from.Store(never)
	r.to.Store(never)
	r.shards = newShards()
	r.collected = newCollector()
	return r
}

// now returns the time since the epoch, in nanoseconds.
func (r *run) now() int64 { return int64(time.Since(r.epoch)) }

// measured reports whether a message with this due time belongs to the measurement.
func (r *run) measured(due int64) bool { return due >= r.from.Load() && due < r.to.Load() }

// fail counts errors of a kind.
func (r *run) fail(kind string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors[kind] += uint64(n)
}

// recordClose records the first Close that the server sent on its own initiative.
func (r *run) recordClose(payload []byte) {
	if r.ending.Load() {
		return
	}
	code, reason := wire.ParseClose(payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.firstClose == nil {
		r.firstClose = &report.Close{Code: code, Reason: string(reason)}
	}
}

// countLost counts a connection that was lost.
func (r *run) countLost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost++
	if r.begun && r.lost == r.opened {
		close(r.allLost)
	}
}

// begin records that each connection has been opened, or has failed.
func (r *run) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.lost == r.opened {
		close(r.allLost)
	}
}

// await waits for a duration, and reports whether it has passed before ctx was done or the last connection ended.
func (r *run) await(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
	case <-r.allLost:
	}
	return false
}

// replied subtracts messages that have their reply, or will never have one, from pending.
func (r *run) replied(n int) {
	if r.pending.Add(int64(-n)) == 0 {
		select {
		case r.allReplied <- struct{}{}:
		default:
		}
	}
}

// conn is one connection of a run. One goroutine reads; at most one other writes messages. That one is started when messages
// are due, and ends when none are.
type conn struct {
	run     *run
	n       int // number of the connection, from 0
	shard   *shard
	frames  *wire.Conn
	handle  func(payload []byte, now int64) // handles a received message; called by the reading goroutine
	partial []byte                          // the beginning of an incomplete message; used by the reading goroutine
	buffer  []byte                          // holds a message to send; used by the writing goroutine
	seq     uint64                          // number of the next message; used by the writing goroutine

	protocol *protocol // of the dialect in use; nil = none

	mu      sync.Mutex       // guards the fields below
	due     []int64          // due times of messages that are not sent yet
	spare   []int64          // the previous slice of due, for reuse
	sending bool             // a goroutine is sending what is due
	ended   bool             // nothing can be received or sent any more
	waiting queue            // due times of messages that wait for a reply, in order
	keyed   map[string]int64 // the same for messages with a key, by key
	calls   map[int]int64    // the same for calls of a dialect, by the number of the call
	joined  bool             // it belongs to the run: if it ends, it counts as lost
}

// fanout is the state of a run of this scenario. The first of its connections only receive, the last ones send.
type fanout struct {
	run       *run
	receivers int
	prefix    []byte   // of the marks of this run
	rounds    []*round // by sender
	active    int      // number of receivers that were connected at the start

	mu       sync.Mutex // guards the field below
	repeated uint64     // number of deliveries of a message that the receiver already had
}

// round is the delivery of the last message of a sender in the closed model.
type round struct {
	next func() // sends the next message; nil = the model is open

	mu        sync.Mutex  // guards the fields below
	seq       uint32      // number of the message
	remaining int         // number of receivers that have not received it
	timer     *time.Timer // calls next after roundTimeout
}

// stream counts the numbers that are missing in numbered messages, over all connections.
type stream struct{ missing atomic.Uint64 }

// protocol is the state of the dialect of a connection.
type protocol struct {
	conn  *conn
	state *dialect.State
	ready chan error // the result of the login; its capacity is 1

	opening atomic.Int64 // number of the verb of Options.Opening whose reply is awaited; 0 = none
	opened  chan error   // its result; its capacity is 1

	queue dialect.Queue
	do    func(dialect.Output) // handles the outputs of queue
	timer *time.Timer          // calls tick when the dialect may have something to send; used by do; nil = not set yet
}
