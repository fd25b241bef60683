package check

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/wire"
)

// recordedConn is a connection of a check that examines all received frames in their order.
type recordedConn struct {
	server *Server
	conn   *probe.Conn
	frames []probe.Received
	end    error // nil = the stream has not ended
}

// recorded returns a check that calls run with a connection without extensions.
func recorded(run func(ctx context.Context, c *recordedConn) Outcome) RunFunc {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		c := &recordedConn{server: s, conn: probe.NewConn(stream)}
		defer c.conn.Close()
		o := run(ctx, c)
		if ctx.Err() != nil {
			o = Outcome{Verdict: Skip, Received: "interrupted"}
		}
		o.Frames = c.conn.Log()
		o.Lost = c.end != nil && c.closeAt() < 0
		return o
	})
}

// read collects frames until enough returns true, the stream ends, or limit has passed.
func (c *recordedConn) read(ctx context.Context, limit time.Duration, enough func() bool) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for c.end == nil && !enough() {
		f, err := c.conn.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				c.end = err
			}
			return
		}
		c.frames = append(c.frames, f)
	}
}

// closeAt returns the index of the first Close among the frames; -1 = none was received.
func (c *recordedConn) closeAt() int {
	return slices.IndexFunc(c.frames, func(f probe.Received) bool { return f.Opcode == wire.Close })
}

func (c *recordedConn) closed() bool { return c.closeAt() >= 0 }

// noClose returns the outcome if no Close was received.
func (c *recordedConn) noClose() Outcome {
	if c.end != nil {
		return Outcome{Verdict: Warn, Received: ended(c.end)}
	}
	return Outcome{Verdict: Fail, Received: "no Close " + within(c.server.Timeout)}
}

// OwnFrames returns a check of the frames that the server sends. violation returns how a frame violates the rule; "" = it does
// not.
func OwnFrames(violation func(probe.Received) string) RunFunc {
	return recorded(func(ctx context.Context, c *recordedConn) Outcome {
		m := c.server.message()
		sent := []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Text(strings.Repeat("*", 126)), probe.Text(strings.Repeat("*", 65536)), probe.Close(1000, "")}
		if c.server.Carrier != "" {
			sent = []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Close(1000, "")}
		}
		c.conn.Write(sent...)
		c.read(ctx, c.server.Timeout, c.closed)
		for _, f := range c.frames {
			if reason := violation(f); reason != "" {
				return Outcome{Verdict: Fail, Received: reason}
			}
		}
		if len(c.frames) == 0 {
			return Outcome{Verdict: Skip, Received: "the server sent no frame"}
		}
		return Outcome{Verdict: Pass, Received: "frames that follow the rule"}
	})
}

// AfterClose returns a check that the server does not answer a frame sent after a Close.
func AfterClose(makeFrame func(message string) probe.Frame) RunFunc {
	return recorded(func(ctx context.Context, c *recordedConn) Outcome {
		f := makeFrame(c.server.message())
		c.conn.Write(probe.Close(1000, ""), f)
		c.read(ctx, c.server.Timeout, c.closed)
		if !c.closed() {
			return c.noClose()
		}
		c.read(ctx, c.server.grace(), func() bool { return false })
		for i, received := range c.frames {
			isAnswer := f.Opcode == wire.Text && received.Opcode == wire.Text && string(received.Payload) == string(f.Payload) || f.Opcode == wire.Ping && received.Opcode == wire.Pong
			if isAnswer || i > c.closeAt() {
				return Outcome{Verdict: Fail, Received: "a " + received.Opcode.String() + " frame as well"}
			}
		}
		return Outcome{Verdict: Pass, Received: "Close, and nothing after it"}
	})
}

// BeforeClose returns a check that a message followed by a Close is echoed before the Close.
func BeforeClose() RunFunc {
	return recorded(func(ctx context.Context, c *recordedConn) Outcome {
		m := c.server.message()
		c.conn.Write(probe.Text(m), probe.Close(1000, ""))
		c.read(ctx, c.server.Timeout, c.closed)
		if !c.closed() {
			return c.noClose()
		}
		if !c.server.Facts.EchoText {
			return Outcome{Verdict: Pass, Received: "Close"}
		}
		for _, f := range c.frames {
			if f.Opcode == wire.Text && string(f.Payload) == m {
				return Outcome{Verdict: Pass, Received: "the message, then Close"}
			}
		}
		return Outcome{Verdict: Fail, Received: "Close without the message"}
	})
}

// EndsAfterClose returns a check that the server ends the stream when both sides have sent a Close.
func EndsAfterClose() RunFunc {
	return recorded(func(ctx context.Context, c *recordedConn) Outcome {
		c.conn.Write(probe.Close(1000, ""))
		c.read(ctx, c.server.Timeout, c.closed)
		if !c.closed() {
			return c.noClose()
		}
		start := time.Now()
		c.read(ctx, c.server.Timeout, func() bool { return false })
		if c.end == nil {
			return Outcome{Verdict: Fail, Received: "Close, but the connection stays open " + within(c.server.Timeout)}
		}
		return Outcome{Verdict: Pass, Received: "Close, the end " + after(time.Since(start))}
	})
}
