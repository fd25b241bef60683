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
	begun atomic.Int64 // when rendering the current message began, in nanoseconds since 1970; 0 = no message is being rendered

	mu     sync.Mutex // guards the fields below
	parent context.Context
	ctx    context.Context // of the current message
	cancel func()
}

// newRendering returns a rendering that is also stopped, after renderGrace, when ctx ends.
func newRendering(ctx context.Context) *rendering {
	parent, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(renderGrace, cancel) })
	r := &rendering{parent: parent}
	r.ctx, r.cancel = context.WithCancel(parent)
	return r
}

// context returns the context of the current message.
func (r *rendering) context() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ctx
}

func (r *rendering) begin() { r.begun.Store(time.Now().UnixNano()) }

func (r *rendering) end() { r.begun.Store(0) }

// interrupt stops the rendering of a message that takes long, and reports whether there is one.
func (r *rendering) interrupt() bool {
	begun := r.begun.Load()
	if begun == 0 || time.Since(time.Unix(0, begun)) < longRender {
		return false
	}
	ctx, cancel := context.WithCancel(r.parent)
	r.mu.Lock()
	cancel, r.cancel, r.ctx = r.cancel, cancel, ctx
	r.mu.Unlock()
	cancel()
	return true
}
