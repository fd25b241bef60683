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

// open opens connections, spread over the ramp, the first one alone: what is wrong with it is wrong with all. It fails when
// none could be opened, or ctx ended. Each connection reads from then on.
func (r *run) open(ctx context.Context, connections int) error {
	if err := r.openOne(ctx, 0); err != nil {
		return err
	}
	stopTicks := r.tickWhileOpening()
	defer stopTicks()
	start := time.Now()
	var taken atomic.Int64
	take := func() int { return int(taken.Add(1)) }
	var workers sync.WaitGroup
	for range min(dialing, connections-1) {
		workers.Go(func() {
			for n := take(); n < connections; n = take() {
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
	debug.FreeOSMemory() // a handshake needs more than a connection: what thousands have left is not kept for the run
	return context.Cause(ctx)
}

// openOne opens a connection, measures that, and has it read.
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

// join makes the connection one of the run, so that its end is a loss. It reports whether it has not ended before.
func (c *conn) join() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = !c.ended
	return c.joined
}

// login logs in where a dialect is spoken, and returns how long that took. When it fails, the connection is closed.
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

// dialKind is the kind of error of a connection that could not be opened, in the words of error events.
func dialKind(err error) string {
	if _, ok := errors.AsType[*dialect.LoginError](err); ok {
		return string(dial.HandshakeFailed)
	}
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		return string(failed.Kind)
	}
	return "io"
}
