package wire

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxPosts is how many posted frames, always the latest, are queued while the peer does not read; a smaller Options.WriteBlock
// reduces it. An unsent Pong may be dropped for a later one (RFC 6455, section 5.5.3).
const maxPosts = 128

// posts is a queue of control frames from the goroutine that reads, such as a Pong or the answer to a Close: it must not wait
// for the writer.
type posts struct {
	max     int        // longest queue, in frames
	mu      sync.Mutex // guards the fields below; never held while writing or waiting
	queue   []post
	oldest  int    // index of the oldest frame in a full queue
	removed []post // what removeAll returned last, for reuse
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

// Post queues a control frame, which is sent after the frame in progress and before frames that are written later. It never
// blocks, so that the goroutine that reads can answer with it. While the peer does not read, at most 128 frames are queued;
// then the oldest are dropped. A frame that WriteControl would refuse is not sent.
func (c *Conn) Post(op Opcode, payload []byte) {
	if checkControl(op, payload) == nil && c.out.posts.add(op, payload) {
		go c.out.writePosts()
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
	if len(p.queue) < p.max {
		p.queue = append(p.queue, f)
	} else {
		p.queue[p.oldest] = f
		p.oldest = (p.oldest + 1) % p.max
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

// removeAll empties the queue. What it returns is valid until the next call.
func (p *posts) removeAll() []post {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.removed = append(append(p.removed[:0], p.queue[p.oldest:]...), p.queue[:p.oldest]...)
	p.queue, p.oldest = p.queue[:0], 0
	p.waiting.Store(false)
	return p.removed
}

// done reports whether the goroutine may end, because the queue is empty or the writer has failed.
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

// stop refuses further posts and waits for the goroutine to end. The writer must have failed.
func (p *posts) stop() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.group.Wait()
}

// writePosts writes posted frames until the queue is empty.
func (w *writer) writePosts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for w.state&inFrame != 0 && w.state&failed == 0 {
			w.changed.Wait()
		}
		if w.posts.done(w.drain() != nil) {
			return
		}
	}
}

// appendPosts appends posted frames to the block. The block must not be longer than full, so that it has room for them.
func (w *writer) appendPosts() {
	if !w.posts.waiting.Load() {
		return
	}
	for _, p := range w.posts.removeAll() {
		if w.state&closeSent == 0 {
			w.frame(header{fin: true, opcode: p.opcode}, p.payload[:p.length], notCompressed)
		}
	}
}
