package terminal

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// The errors of ReadLine and ReadSecret.
var (
	ErrInterrupt = errors.New("interrupted")            // Ctrl-C on an empty line
	ErrClosed    = errors.New("the terminal is closed") // Close was called
)

// submission is a submitted line, or the error ErrInterrupt or io.EOF for Ctrl-C or Ctrl-D.
type submission struct {
	line   string
	err    error
	queued *queuedLine // shown until the line is read; nil = a ReadLine waited for it
}

// queuedLine is a line that was submitted while no ReadLine waited. Until it is read it is shown as queued below the prompt,
// and not in the transcript.
type queuedLine struct {
	text  string
	shown []byte // how the transcript will show it
}

// queue holds the submissions that ReadLine has not returned yet.
type queue struct {
	ready   chan struct{} // something was added, or the queue has ended
	drained chan struct{} // something was read

	mu        sync.Mutex // guards the fields below
	submitted []submission
	closed    error
	readers   int // goroutines waiting in next
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1), drained: make(chan struct{}, 1)} }

// add appends a submission.
func (q *queue) add(s submission) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.submitted = append(q.submitted, s)
	notify(q.ready)
}

// waiting returns how many readers wait for a submission.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return max(0, q.readers-len(q.submitted))
}

// removeQueued removes the lines that no ReadLine waited for, and returns them.
func (q *queue) removeQueued() (lines []*queuedLine) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.submitted = slices.DeleteFunc(q.submitted, func(s submission) bool {
		if s.queued != nil {
			lines = append(lines, s.queued)
		}
		return s.queued != nil
	})
	return lines
}

// notify wakes the goroutine that waits for a channel of capacity 1, now or when it next waits.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// len returns the number of submissions.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.submitted)
}

// end makes next return an error: at once if it is ErrClosed, else after the submissions in the queue.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed == nil || err == ErrClosed {
		q.closed = err
	}
	notify(q.ready)
}

// next waits for the next submission.
func (q *queue) next(ctx context.Context) (submission, error) {
	q.countReaders(1)
	defer q.countReaders(-1)
	for {
		if s, ok := q.pop(); ok {
			return s, s.err
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return submission{}, ctx.Err()
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
		notify(q.ready)
		return submission{err: q.closed}, true
	}
	if len(q.submitted) == 0 {
		return submission{}, false
	}
	s := q.submitted[0]
	q.submitted = q.submitted[1:]
	if len(q.submitted) > 0 {
		notify(q.ready)
	}
	notify(q.drained)
	return s, true
}
