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
	// longRender is how long a message must have been rendered before an interrupt stops that.
	longRender = 200 * time.Millisecond
)

// rendering lets an interrupt stop the rendering of the current message, and of no other.
type rendering struct {
	begun atomic.Int64 // when rendering the current message began, in nanoseconds since 1970; 0 = none is being rendered

	mu     sync.Mutex // guards the fields below
	parent context.Context
	ctx    context.Context // of the message at hand
	cancel func()
}

// newRendering returns a rendering that is also stopped, after renderGrace, when ctx ends.
func newRendering(ctx context.Context) *rendering {
	parent, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(renderGrace, cancel) })
	w := &rendering{parent: parent}
	w.ctx, w.cancel = context.WithCancel(parent)
	return w
}

// context returns the context of the current message.
func (w *rendering) context() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx
}

func (w *rendering) begin() { w.begun.Store(time.Now().UnixNano()) }

func (w *rendering) end() { w.begun.Store(0) }

// interrupt stops the rendering of a message that takes long, and reports whether there is one.
func (w *rendering) interrupt() bool {
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
