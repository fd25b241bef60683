package load

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"wsx/client/dial"
	"wsx/dialect"
)

// open opens connections over the time of the ramp, and starts reading on each. The first one is opened alone, as its error
// would be that of all. open returns an error if none could be opened, or ctx is done.
func (r *run) open(ctx context.Context, connections int) error {
	if err := r.openOne(ctx, 0); err != nil {
		return err
	}
	stopTicks := r.tickWhileOpening()
	defer stopTicks()
	start := time.Now()
	var last atomic.Int64 // number of the connection that was begun last
	next := func() int { return int(last.Add(1)) }
	var workers sync.WaitGroup
	for range min(maxParallelDials, connections-1) {
		workers.Go(func() {
			for n := next(); n < connections; n = next() {
				due := start.Add(time.Duration(float64(r.Ramp) * float64(n) / float64(connections)))
				if wait := time.Until(due); wait > 0 && !r.await(ctx, wait) || ctx.Err() != nil {
					return
				}
				if err := r.openOne(ctx, n); err != nil && ctx.Err() == nil {
					r.fail(dialKind(err), 1)
				}
			}
		})
	}
	workers.Wait()
	debug.FreeOSMemory() // releases the memory that only the opening handshakes needed
	return context.Cause(ctx)
}

// openOne opens a connection, measures the time, and starts reading.
func (r *run) openOne(ctx context.Context, n int) error {
	start := time.Now()
	up, err := r.Dial(ctx, n)
	if err != nil {
		return err
	}
	c := r.newConn(n, up)
	c.handle = r.handler(c)
	if c.protocol == nil {
		c.join()
	}
	r.readers.Go(c.receive)
	login, err := c.login(ctx, up)
	if err != nil {
		return err
	}
	if c.protocol != nil && !c.join() {
		c.frames.Close()
		return c.protocol.refused("the server closed the connection")
	}
	r.collected.connecting.record(up.Handshake.Timing, login, time.Since(start))
	r.mu.Lock()
	r.conns = append(r.conns, c)
	r.opened++
	r.mu.Unlock()
	return nil
}

// join makes the connection one of the run, so that its end counts as lost, and reports whether it is still open.
func (c *conn) join() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = !c.ended
	return c.joined
}

// login logs in if there is a dialect, and returns how long that took. If it fails, the connection is closed.
func (c *conn) login(ctx context.Context, up Opened) (time.Duration, error) {
	if c.protocol == nil {
		return 0, nil
	}
	start := time.Now()
	if err := c.protocol.login(ctx, up); err != nil {
		c.frames.Close()
		return 0, err
	}
	return time.Since(start), nil
}

// dialKind returns the kind of the error of a connection that could not be opened, as error events name it.
func dialKind(err error) string {
	if _, ok := errors.AsType[*dialect.LoginError](err); ok {
		return string(dial.HandshakeFailed)
	}
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		return string(failed.Kind)
	}
	return "io"
}
