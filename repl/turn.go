package repl

import (
	"runtime"
	"sync/atomic"
)

// turn lets one goroutine after the other own a value.
type turn[T any] struct {
	idle    atomic.Pointer[T] // nil = a goroutine has it, or it is in handoff
	waiting atomic.Int32      // goroutines that wait
	handoff chan *T           // to one that waits, in their order
}

// turnTries is how often a goroutine tries to take the value before it waits: most keep it for less than a microsecond.
const turnTries = 4

func newTurn[T any](value *T) *turn[T] {
	t := &turn[T]{handoff: make(chan *T, 1)}
	t.idle.Store(value)
	return t
}

// take returns the value, once no other goroutine has it. The caller must put it back.
func (t *turn[T]) take() *T {
	for range turnTries {
		if value := t.idle.Swap(nil); value != nil {
			return value
		}
		runtime.Gosched()
	}
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	if value := t.idle.Swap(nil); value != nil { // put back before this one was known to wait
		return value
	}
	return <-t.handoff
}

// put gives the value back, or to a goroutine that waits: one that begins to wait after this has looked finds it idle.
func (t *turn[T]) put(value *T) {
	t.idle.Store(value)
	if t.waiting.Load() == 0 {
		return
	}
	if value := t.idle.Swap(nil); value != nil {
		t.handoff <- value // there is only one, so that there is room
	}
}
