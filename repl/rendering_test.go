package repl

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRendering: only a rendering that takes long is interrupted, and the next one is not.
func TestRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r := newRendering(ctx)
		if r.interrupt() {
			t.Error("nothing was rendered, and interrupted")
		}
		r.begin()
		if r.interrupt() {
			t.Error("a rendering that has just begun was interrupted")
		}
		time.Sleep(longRender)
		first := r.context()
		if !r.interrupt() || first.Err() == nil {
			t.Error("a long rendering was not interrupted")
		}
		r.end()
		r.begin()
		if r.context().Err() != nil {
			t.Error("the next rendering begins interrupted")
		}
		cancel()
		time.Sleep(renderGrace / 2)
		if r.context().Err() != nil {
			t.Error("the end of the session leaves no time to render")
		}
		time.Sleep(renderGrace)
		if r.context().Err() == nil {
			t.Error("a rendering goes on after the end of the session")
		}
	})
}
