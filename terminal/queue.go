package terminal

import (
	"context"
	"sync"
)

// submission is a submitted line, or ErrInterrupt or io.EOF for the key that was pressed instead.
type submission struct {
	line string
	err  error
}

// queue holds what was submitted and not yet read.
type queue struct {
	ready   chan struct{} // something was added, or the queue has ended
	drained chan struct{} // something was read

	mu        sync.Mutex // guards the fields below
	submitted []submission
	closed    error
	readers   int // goroutines waiting in next
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1), drained: make(chan struct{}, 1)} }

// add appends submissions; an interrupt discards all that was typed ahead. It reports whether ReadLine was waiting.
func (q *queue) add(all []submission) (waited bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range all {
		if s.err == ErrInterrupt {
			q.submitted = q.submitted[:0]
		}
		q.submitted = append(q.submitted, s)
	}
	q.signal()
	return q.readers > 0
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// len is how many lines wait.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.submitted)
}

// end makes every call of next return an error: at once when it is ErrClosed, else after what was submitted before.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed == nil || err == ErrClosed {
		q.closed = err
	}
	q.signal()
}

// next waits for the next submission.
func (q *queue) next(ctx context.Context) (string, error) {
	q.countReaders(1)
	defer q.countReaders(-1)
	for {
		if s, ok := q.pop(); ok {
			return s.line, s.err
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (q *queue) countReaders(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.readers += n
}

func (q *queue) pop() (submission, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed == ErrClosed || q.closed != nil && len(q.submitted) == 0 {
		q.signal()
		return submission{err: q.closed}, true
	}
	if len(q.submitted) == 0 {
		return submission{}, false
	}
	s := q.submitted[0]
	q.submitted = q.submitted[1:]
	if len(q.submitted) > 0 {
		q.signal()
	}
	select {
	case q.drained <- struct{}{}:
	default:
	}
	return s, true
}
