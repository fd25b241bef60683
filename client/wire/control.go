package wire

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxPosts is how many posted frames wait for a peer that does not read: the latest, 16 KiB of them at most, or as many as a
// smaller Options.WriteBlock has room for. A pong that is not sent in time may be left out for a later one (RFC 6455, section 5.5.3).
const maxPosts = 128

// posts are control frames of the reader, which must not wait for them: a Pong, the answer to a Close.
type posts struct {
	most    int        // frames that are kept
	mu      sync.Mutex // guards the fields below; held for moments only, never with the writer's wait
	queue   []post
	oldest  int    // in the queue when it is full: there it begins
	taken   []post // what take returned last, to be used again
	running bool   // a goroutine is on its way with them
	closed  bool   // a Close frame was posted, or nothing is to be sent any more
	group   sync.WaitGroup
	waiting atomic.Bool // the queue is not empty; may be read without the lock
}

type post struct {
	opcode  Opcode
	length  byte
	payload [maxControl]byte
}

func checkControl(op Opcode, payload []byte) error {
	if op != Close && op != Ping && op != Pong {
		return fmt.Errorf("%v is not a control frame", op)
	}
	if len(payload) > maxControl {
		return fmt.Errorf("a %v carries at most %d bytes, not %d", op, maxControl, len(payload))
	}
	return nil
}

// Post sends a control frame as soon as the frame and the write that are under way allow, before all that is written
// later, and never waits itself: the reader answers with it what was read. While the peer does not read, 128
// frames are kept; of more the oldest are forgotten. What WriteControl would refuse is not sent.
func (c *Conn) Post(op Opcode, payload []byte) {
	if checkControl(op, payload) == nil && c.out.posts.add(op, payload) {
		go c.out.deliver()
	}
}

// add queues a frame, and reports whether a goroutine has to be started for it.
func (p *posts) add(op Opcode, payload []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	f := post{opcode: op, length: byte(len(payload))}
	copy(f.payload[:], payload)
	if len(p.queue) < p.most {
		p.queue = append(p.queue, f)
	} else {
		p.queue[p.oldest] = f
		p.oldest = (p.oldest + 1) % p.most
	}
	p.waiting.Store(true)
	p.closed = op == Close
	if p.running {
		return false
	}
	p.running = true
	p.group.Add(1)
	return true
}

// take empties the queue. What it returns is valid until the next call.
func (p *posts) take() []post {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = append(append(p.taken[:0], p.queue[p.oldest:]...), p.queue[:p.oldest]...)
	p.queue, p.oldest = p.queue[:0], 0
	p.waiting.Store(false)
	return p.taken
}

// done reports whether the goroutine may end: nothing is queued, or nothing can be sent any more.
func (p *posts) done(failed bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if failed {
		p.closed, p.queue = true, nil
	}
	if len(p.queue) > 0 {
		return false
	}
	p.running = false
	p.group.Done()
	return true
}

// stop waits for the goroutine's end, which is near: the writer has failed.
func (p *posts) stop() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.group.Wait()
}

// deliver writes what was posted, and ends when nothing is left.
func (w *writer) deliver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for w.state&framing != 0 && w.state&failed == 0 {
			w.turn.Wait()
		}
		if w.posts.done(w.drain() != nil) {
			return
		}
	}
}

// appendPosts appends what was posted to the block, which must not be longer than full: then it has room.
func (w *writer) appendPosts() {
	if !w.posts.waiting.Load() {
		return
	}
	for _, p := range w.posts.take() {
		if w.state&ending == 0 {
			w.frame(header{fin: true, opcode: p.opcode}, p.payload[:p.length], notCompressed)
		}
	}
}
