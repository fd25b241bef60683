package repl

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// renderGrace is how long a message may still be rendered after the session was interrupted.
	renderGrace = 250 * time.Millisecond
	// longRender is how long a message must have been rendered for an interrupt to be meant for that.
	longRender = 200 * time.Millisecond
)

// work is the rendering of messages, which an interrupt can stop: that of the message at hand, and no other.
type work struct {
	begun atomic.Int64 // since when the message at hand is being rendered, in nanoseconds since 1970; 0 = none is

	mu     sync.Mutex // guards the fields below
	parent context.Context
	ctx    context.Context // of the message at hand
	cancel func()
}

// newWork returns work that can also be stopped by ctx, and is soon after that.
func newWork(ctx context.Context) *work {
	parent, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(renderGrace, cancel) })
	w := &work{parent: parent}
	w.ctx, w.cancel = context.WithCancel(parent)
	return w
}

// context returns that of the message at hand.
func (w *work) context() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx
}

func (w *work) begin() { w.begun.Store(time.Now().UnixNano()) }

func (w *work) end() { w.begun.Store(0) }

// interrupt stops the rendering of a message that takes long, and reports whether there is one.
func (w *work) interrupt() bool {
	begun := w.begun.Load()
	if begun == 0 || time.Since(time.Unix(0, begun)) < longRender {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel()
	w.ctx, w.cancel = context.WithCancel(w.parent)
	return true
}
