package wire

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxPosts is how many posted frames are queued while the peer does not read: the latest, at most 16 KiB, or as many as fit in a
// smaller Options.WriteBlock. An unsent Pong may be dropped for a later one (RFC 6455, section 5.5.3).
const maxPosts = 128

// posts is a queue of the reader's control frames, a Pong or the answer to a Close. The reader must not wait for the writer.
type posts struct {
	most    int        // longest queue, in frames
	mu      sync.Mutex // guards the fields below; held for moments only, never with the writer's wait
	queue   []post
	oldest  int    // index of the oldest frame in a full queue
	taken   []post // what take returned last, for reuse
	running bool   // a goroutine writes them
	closed  bool   // a Close frame was posted, or the writer has failed
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

// Post sends a control frame after the frame and the write in progress, before frames that are written later, and never waits: the
// reader answers with it. While the peer does not read, 128 frames are kept; of more the oldest are dropped. A frame that
// WriteControl would refuse is not sent.
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

// done reports whether the goroutine may end: the queue is empty, or the writer has failed.
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

// stop waits for the goroutine's end, once the writer has failed.
func (p *posts) stop() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.group.Wait()
}

// deliver writes posted frames until the queue is empty.
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

// appendPosts appends posted frames to the block, which must not be longer than full: then it has room.
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
