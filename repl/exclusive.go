package repl

import (
	"runtime"
	"sync/atomic"
)

// exclusive is a value that one goroutine at a time owns.
type exclusive[T any] struct {
	value   atomic.Pointer[T] // nil = a goroutine owns it, or it is in handoff
	waiting atomic.Int32      // goroutines that wait
	handoff chan *T           // passes the value to a waiting goroutine, in order of arrival
}

// acquireTries is how often a goroutine tries to acquire the value before it waits: it is usually held for less than a
// microsecond.
const acquireTries = 4

func newExclusive[T any](value *T) *exclusive[T] {
	e := &exclusive[T]{handoff: make(chan *T, 1)}
	e.value.Store(value)
	return e
}

// acquire returns the value once no other goroutine owns it. The caller must release it.
func (e *exclusive[T]) acquire() *T {
	for range acquireTries {
		if value := e.value.Swap(nil); value != nil {
			return value
		}
		runtime.Gosched()
	}
	e.waiting.Add(1)
	defer e.waiting.Add(-1)
	if value := e.value.Swap(nil); value != nil { // released before waiting was incremented
		return value
	}
	return <-e.handoff
}

// release gives up the value, and passes it to a waiting goroutine. One that starts to wait after waiting was read finds it in
// value.
func (e *exclusive[T]) release(value *T) {
	e.value.Store(value)
	if e.waiting.Load() == 0 {
		return
	}
	if value := e.value.Swap(nil); value != nil {
		e.handoff <- value // there is only one, so that there is room
	}
}
