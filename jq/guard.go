package jq

import (
	"context"
	"errors"
	"runtime/metrics"
)

// ErrMemory ends a query that takes more memory than it may.
var ErrMemory = errors.New("the query is too complex: it needs more than 3 times the memory of the largest message")

// Guard is the context of a query's run on a message, which it ends when the query takes too much memory. gojq calls Done before each of its
// instructions; at some of them the guard measures the heap. One instruction can at most double the largest value, so that the closer
// the heap is to the limit, the fewer instructions pass before the next measurement. It is for one goroutine.
type Guard struct {
	context.Context
	done     <-chan struct{} // of the context
	most     uint64          // bytes that the heap may grow by
	base     uint64          // bytes of the heap at the first measurement
	left     int             // instructions until the next measurement
	exceeded bool
}

// The bounds of a query's memory.
const (
	memoryFactor = 3       // of the largest message
	minMemory    = 8 << 20 // bytes that are always allowed
)

// perDoubling is how many instructions a loop needs at least to double a value.
const perDoubling = 4

// NewGuard returns a guard for a message of a length, of which the largest may have limit bytes, 0 = 64 MiB.
func NewGuard(ctx context.Context, length int, limit int64) *Guard {
	if limit <= 0 {
		limit = 64 << 20
	}
	g := &Guard{Context: ctx, done: ctx.Done(), most: uint64(max(minMemory, memoryFactor*limit))}
	g.wait(uint64(length))
	return g
}

// Done returns the channel of the context, or a closed one when the query has taken too much.
func (g *Guard) Done() <-chan struct{} {
	if g.left--; g.left <= 0 {
		g.look()
	}
	return g.done
}

// Err returns ErrMemory when the query has taken too much, else the error of the context.
func (g *Guard) Err() error {
	if g.exceeded {
		return ErrMemory
	}
	return g.Context.Err()
}

// Limit returns how many bytes the heap may grow by.
func (g *Guard) Limit() int64 { return int64(g.most) }

// look measures the heap.
func (g *Guard) look() {
	heap := heapSize()
	if g.base == 0 {
		g.base = heap
	}
	grown := heap - min(heap, g.base)
	if g.wait(grown); grown > g.most && !g.exceeded {
		done := make(chan struct{})
		close(done)
		g.done, g.exceeded = done, true
	}
}

// wait determines the next measurement: before values of a size can have become too large.
func (g *Guard) wait(size uint64) {
	g.left = perDoubling
	for size = max(size, smallSize); size < g.most/2; size *= 2 {
		g.left += perDoubling
	}
}

// smallSize is the size in bytes below which values count as empty.
const smallSize = 64 << 10

// heapSize returns how many bytes are on the heap, with what the garbage collector has not freed yet.
func heapSize() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
