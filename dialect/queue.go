package dialect

import "sync"

// Queue handles the outputs of a State one at a time and in the order in which the state made them, if several goroutines use the
// state. Each output must be passed to Add or Do once. All fields but Go are zero at first.
type Queue struct {
	Go func(run func()) // calls run, which handles outputs, in a goroutine of its own; nil = the goroutine that calls Add or Do handles them

	mu    sync.Mutex           // guards the fields below; not held while an output is handled
	freed sync.Cond            // an output was handled
	done  int                  // number of the last output that was handled
	busy  bool                 // the one after it is being handled
	ready map[int]passedOutput // those after it, by number
}

// passedOutput is an output that was passed to a Queue, and the function that handles it.
type passedOutput struct {
	out Output
	do  func(Output)
}

// maxReady is how many outputs may wait before Add waits for them.
const maxReady = 64

// Add calls do, which handles an output, after all outputs before it have been handled. It does not wait for those, unless more than
// maxReady outputs do. If there is nothing to send, it calls do at once. do may itself add the output of BeforeClose.
func (q *Queue) Add(out Output, do func(Output)) {
	switch {
	case out.number == 0:
		do(out)
	case !q.begin(out, do):
	default:
		q.start(passedOutput{out, do})
	}
}

// Do is like Add, but calls do itself if it is its turn, and returns after do.
func (q *Queue) Do(out Output, do func(Output)) {
	done := make(chan struct{})
	signal := func(out Output) {
		defer close(done)
		do(out)
	}
	switch {
	case out.number == 0:
		signal(out)
	case q.begin(out, signal):
		signal(out)
		if next, ok := q.next(); ok {
			q.start(next)
		}
	}
	<-done
}

// begin reports whether it is the turn of an output. If not, do is called later.
func (q *Queue) begin(out Output, do func(Output)) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy && out.number == q.done+1 {
		q.busy = true
		return true
	}
	if q.ready == nil {
		q.ready, q.freed.L = map[int]passedOutput{}, &q.mu
	}
	q.ready[out.number] = passedOutput{out, do}
	for q.busy && len(q.ready) > maxReady && !out.closing {
		q.freed.Wait()
	}
	return false
}

// start handles an output whose turn it is, and those that are ready after it, in a goroutine if there is a Go.
func (q *Queue) start(next passedOutput) {
	if q.Go == nil {
		q.run(next.out, next.do)
		return
	}
	q.Go(func() { q.run(next.out, next.do) })
}

// run handles an output whose turn it is, and those that are ready after it.
func (q *Queue) run(out Output, do func(Output)) {
	do(out)
	for next, ok := q.next(); ok; next, ok = q.next() {
		next.do(next.out)
	}
}

// next records that an output was handled, and returns the one after it; false = that was not passed yet.
func (q *Queue) next() (next passedOutput, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done++
	next, ok = q.ready[q.done+1]
	delete(q.ready, q.done+1)
	q.busy = ok
	q.freed.Broadcast()
	return next, ok
}
