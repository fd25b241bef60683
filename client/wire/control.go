package wire

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxQueuedControl is how many control frames, always the latest, are queued while the peer does not read; a smaller
// Options.WriteBlock reduces it. An unsent Pong may be dropped for a later one (RFC 6455, section 5.5.3).
const maxQueuedControl = 128

// controlQueue is a queue of control frames from the goroutine that reads, such as a Pong or the answer to a Close: it must not wait
// for the writer.
type controlQueue struct {
	max     int        // longest queue, in frames
	mu      sync.Mutex // guards the fields below; never held while writing or waiting
	queue   []controlFrame
	oldest  int            // index of the oldest frame in a full queue
	removed []controlFrame // what removeAll returned last, for reuse
	running bool           // a goroutine writes them
	closed  bool           // a Close frame was queued, or the writer has failed
	group   sync.WaitGroup
	waiting atomic.Bool // the queue is not empty; may be read without the lock
}

type controlFrame struct {
	opcode  Opcode
	length  byte
	payload [MaxControl]byte
}

func checkControl(op Opcode, payload []byte) error {
	if op != Close && op != Ping && op != Pong {
		return fmt.Errorf("%v is not a control frame", op)
	}
	if len(payload) > MaxControl {
		return fmt.Errorf("a %v carries at most %d bytes, not %d", op, MaxControl, len(payload))
	}
	return nil
}

// QueueControl queues a control frame, which is sent after the frame in progress and before frames that are written later. It never
// blocks, so that the goroutine that reads can answer with it. While the peer does not read, at most 128 frames are queued;
// then the oldest are dropped. A frame that WriteControl would refuse is not sent.
func (c *Conn) QueueControl(op Opcode, payload []byte) {
	if checkControl(op, payload) == nil && c.out.controls.add(op, payload) {
		go c.out.writeControls()
	}
}

// add queues a frame, and reports whether a goroutine has to be started for it.
func (q *controlQueue) add(op Opcode, payload []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	f := controlFrame{opcode: op, length: byte(len(payload))}
	copy(f.payload[:], payload)
	if len(q.queue) < q.max {
		q.queue = append(q.queue, f)
	} else {
		q.queue[q.oldest] = f
		q.oldest = (q.oldest + 1) % q.max
	}
	q.waiting.Store(true)
	q.closed = op == Close
	if q.running {
		return false
	}
	q.running = true
	q.group.Add(1)
	return true
}

// removeAll empties the queue. What it returns is valid until the next call.
func (q *controlQueue) removeAll() []controlFrame {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.removed = append(append(q.removed[:0], q.queue[q.oldest:]...), q.queue[:q.oldest]...)
	q.queue, q.oldest = q.queue[:0], 0
	q.waiting.Store(false)
	return q.removed
}

// done reports whether the goroutine may end, because the queue is empty or the writer has failed.
func (q *controlQueue) done(failed bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if failed {
		q.closed, q.queue = true, nil
	}
	if len(q.queue) > 0 {
		return false
	}
	q.running = false
	q.group.Done()
	return true
}

// stop refuses further frames and waits for the goroutine to end. The writer must have failed.
func (q *controlQueue) stop() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.group.Wait()
}
