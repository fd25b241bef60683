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

// dialogue is a connection of a check that examines all received frames in their order.
type dialogue struct {
	server *Server
	conn   *probe.Conn
	frames []probe.Received
	end    error // nil = the stream has not ended
}

// dialogues returns a check that calls run with a connection without extensions.
func dialogues(run func(ctx context.Context, d *dialogue) Outcome) RunFunc {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		d := &dialogue{server: s, conn: probe.NewConn(stream)}
		defer d.conn.Close()
		o := run(ctx, d)
		if ctx.Err() != nil {
			o = Outcome{Verdict: Skip, Received: "interrupted"}
		}
		o.Frames = d.conn.Log()
		o.Lost = d.end != nil && d.closeAt() < 0
		return o
	})
}

// read collects frames until enough returns true, the stream ends, or limit has passed.
func (d *dialogue) read(ctx context.Context, limit time.Duration, enough func() bool) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for d.end == nil && !enough() {
		f, err := d.conn.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				d.end = err
			}
			return
		}
		d.frames = append(d.frames, f)
	}
}

// closeAt returns the index of the first Close among the frames; -1 = none was received.
func (d *dialogue) closeAt() int {
	return slices.IndexFunc(d.frames, func(f probe.Received) bool { return f.Opcode == wire.Close })
}

func (d *dialogue) closed() bool { return d.closeAt() >= 0 }

// noClose returns the outcome if no Close was received.
func (d *dialogue) noClose() Outcome {
	if d.end != nil {
		return Outcome{Verdict: Warn, Received: ended(d.end)}
	}
	return Outcome{Verdict: Fail, Received: "no Close " + within(d.server.Timeout)}
}

// OwnFrames returns a check of the frames that the server sends. violation returns how a frame violates the rule; "" = it does
// not.
func OwnFrames(violation func(probe.Received) string) RunFunc {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		m := d.server.message()
		sent := []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Text(strings.Repeat("*", 126)), probe.Text(strings.Repeat("*", 65536)), probe.Close(1000, "")}
		if d.server.Carrier != "" {
			sent = []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Close(1000, "")}
		}
		d.conn.Write(sent...)
		d.read(ctx, d.server.Timeout, d.closed)
		for _, f := range d.frames {
			if reason := violation(f); reason != "" {
				return Outcome{Verdict: Fail, Received: reason}
			}
		}
		if len(d.frames) == 0 {
			return Outcome{Verdict: Skip, Received: "the server sent no frame"}
		}
		return Outcome{Verdict: Pass, Received: "frames that follow the rule"}
	})
}

// AfterClose returns a check that the server does not answer a frame sent after a Close.
func AfterClose(makeFrame func(message string) probe.Frame) RunFunc {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		f := makeFrame(d.server.message())
		d.conn.Write(probe.Close(1000, ""), f)
		d.read(ctx, d.server.Timeout, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		d.read(ctx, d.server.Grace(), func() bool { return false })
		for i, received := range d.frames {
			isAnswer := f.Opcode == wire.Text && received.Opcode == wire.Text && string(received.Payload) == string(f.Payload) || f.Opcode == wire.Ping && received.Opcode == wire.Pong
			if isAnswer || i > d.closeAt() {
				return Outcome{Verdict: Fail, Received: "a " + received.Opcode.String() + " frame as well"}
			}
		}
		return Outcome{Verdict: Pass, Received: "Close, and nothing after it"}
	})
}

// BeforeClose returns a check that a message followed by a Close is echoed before the Close.
func BeforeClose() RunFunc {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		m := d.server.message()
		d.conn.Write(probe.Text(m), probe.Close(1000, ""))
		d.read(ctx, d.server.Timeout, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		if !d.server.Facts.EchoText {
			return Outcome{Verdict: Pass, Received: "Close"}
		}
		for _, f := range d.frames {
			if f.Opcode == wire.Text && string(f.Payload) == m {
				return Outcome{Verdict: Pass, Received: "the message, then Close"}
			}
		}
		return Outcome{Verdict: Fail, Received: "Close without the message"}
	})
}

// EndsAfterClose returns a check that the server ends the stream when both sides have sent a Close.
func EndsAfterClose() RunFunc {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		d.conn.Write(probe.Close(1000, ""))
		d.read(ctx, d.server.Timeout, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		start := time.Now()
		d.read(ctx, d.server.Timeout, func() bool { return false })
		if d.end == nil {
			return Outcome{Verdict: Fail, Received: "Close, but the connection stays open " + within(d.server.Timeout)}
		}
		return Outcome{Verdict: Pass, Received: "Close, the end " + after(time.Since(start))}
	})
}
