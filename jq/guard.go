package jq

import (
	"context"
	"errors"
	"runtime/metrics"
)

// ErrMemory is the error of a query that exceeds its limit of memory.
var ErrMemory = errors.New("the query is too complex: it needs more than 3 times the memory of the largest message")

// Guard is the context for running a query on a message. It ends when the query uses too much memory. gojq calls Done before
// each of its instructions; at some of them the guard measures the heap. An instruction can at most double the largest value,
// so the closer the heap is to the limit, the sooner is the next measurement. Only one goroutine may use a Guard.
type Guard struct {
	context.Context
	done         <-chan struct{} // of the context
	maxGrowth    uint64          // maximum growth of the heap, in bytes
	base         uint64          // size of the heap at the first measurement, in bytes
	untilMeasure int             // number of instructions until the next measurement
	exceeded     bool
}

// The bounds of a query's memory.
const (
	memoryFactor = 3       // times the largest message
	minMemory    = 8 << 20 // number of bytes that are always allowed
)

// perDoubling is the minimum number of instructions that a loop needs to double a value.
const perDoubling = 4

// NewGuard returns a guard for a message of length bytes; limit is the length of the largest message, 0 = 64 MiB.
func NewGuard(ctx context.Context, length int, limit int64) *Guard {
	if limit <= 0 {
		limit = 64 << 20
	}
	g := &Guard{Context: ctx, done: ctx.Done(), maxGrowth: uint64(max(minMemory, memoryFactor*limit))}
	g.schedule(uint64(length))
	return g
}

// Done returns the channel of the context, or a closed one if the query has exceeded its limit.
func (g *Guard) Done() <-chan struct{} {
	if g.untilMeasure--; g.untilMeasure <= 0 {
		g.measure()
	}
	return g.done
}

// Err returns ErrMemory if the query has exceeded its limit, else the error of the context.
func (g *Guard) Err() error {
	if g.exceeded {
		return ErrMemory
	}
	return g.Context.Err()
}

// Limit returns the maximum growth of the heap, in bytes.
func (g *Guard) Limit() int64 { return int64(g.maxGrowth) }

// measure measures the heap.
func (g *Guard) measure() {
	heap := heapSize()
	if g.base == 0 {
		g.base = heap
	}
	grown := heap - min(heap, g.base)
	if g.schedule(grown); grown > g.maxGrowth && !g.exceeded {
		done := make(chan struct{})
		close(done)
		g.done, g.exceeded = done, true
	}
}

// schedule sets the instruction of the next measurement: before values of this size can have grown beyond the limit.
func (g *Guard) schedule(size uint64) {
	g.untilMeasure = perDoubling
	for size = max(size, smallSize); size < g.maxGrowth/2; size *= 2 {
		g.untilMeasure += perDoubling
	}
}

// smallSize is the size in bytes below which values count as empty.
const smallSize = 64 << 10

// heapSize returns the bytes on the heap, including garbage that is not freed yet.
func heapSize() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
