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

// dialogue is a connection of a check that looks at all that comes, in its order.
type dialogue struct {
	server *Server
	conn   *probe.Conn
	frames []probe.Received
	end    error // nil = the stream has not ended
}

// dialogues returns a Judge that opens a connection without extensions for a function.
func dialogues(judge func(ctx context.Context, d *dialogue) Outcome) Judge {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		d := &dialogue{server: s, conn: probe.NewConn(stream)}
		defer d.conn.Close()
		o := judge(ctx, d)
		if ctx.Err() != nil {
			o = Outcome{Verdict: Skip, Came: "interrupted"}
		}
		o.Frames = d.conn.Log()
		o.Lost = d.end != nil && d.closeAt() < 0
		return o
	})
}

// read collects frames until enough says so, the stream ends, or limit has passed.
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

// closeAt is the place of the first Close among the frames, -1 if none came.
func (d *dialogue) closeAt() int {
	return slices.IndexFunc(d.frames, func(f probe.Received) bool { return f.Opcode == wire.Close })
}

func (d *dialogue) closed() bool { return d.closeAt() >= 0 }

// noClose reports that no Close came.
func (d *dialogue) noClose() Outcome {
	if d.end != nil {
		return Outcome{Verdict: Warn, Came: ended(d.end)}
	}
	return Outcome{Verdict: Fail, Came: "no Close " + within(d.server.Patience)}
}

// OwnFrames is a Judge of the frames that the server makes itself. Wrong says what is wrong with one, "" = nothing.
func OwnFrames(wrong func(probe.Received) string) Judge {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		m := d.server.message()
		sent := []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Text(strings.Repeat("*", 126)), probe.Text(strings.Repeat("*", 65536)), probe.Close(1000, "")}
		if d.server.Carrier != "" {
			sent = []probe.Frame{probe.Text(m), probe.Ping("own"), probe.Close(1000, "")}
		}
		d.conn.Write(sent...)
		d.read(ctx, d.server.Patience, d.closed)
		for _, f := range d.frames {
			if what := wrong(f); what != "" {
				return Outcome{Verdict: Fail, Came: what}
			}
		}
		if len(d.frames) == 0 {
			return Outcome{Verdict: Skip, Came: "the server sent no frame"}
		}
		return Outcome{Verdict: Pass, Came: "frames that follow the rule"}
	})
}

// AfterClose is a Judge of what comes back for a frame that is sent after a Close: nothing.
func AfterClose(late func(message string) probe.Frame) Judge {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		f := late(d.server.message())
		d.conn.Write(probe.Close(1000, ""), f)
		d.read(ctx, d.server.Patience, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		d.read(ctx, d.server.Grace(), func() bool { return false })
		for i, came := range d.frames {
			answers := f.Opcode == wire.Text && came.Opcode == wire.Text && string(came.Payload) == string(f.Payload) || f.Opcode == wire.Ping && came.Opcode == wire.Pong
			if answers || i > d.closeAt() {
				return Outcome{Verdict: Fail, Came: "a " + came.Opcode.String() + " frame as well"}
			}
		}
		return Outcome{Verdict: Pass, Came: "Close, and nothing after it"}
	})
}

// BeforeClose is a Judge of whether a message that is followed by a Close comes back before the Close does.
func BeforeClose() Judge {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		m := d.server.message()
		d.conn.Write(probe.Text(m), probe.Close(1000, ""))
		d.read(ctx, d.server.Patience, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		if !d.server.Facts.EchoText {
			return Outcome{Verdict: Pass, Came: "Close"}
		}
		for _, f := range d.frames {
			if f.Opcode == wire.Text && string(f.Payload) == m {
				return Outcome{Verdict: Pass, Came: "the message, then Close"}
			}
		}
		return Outcome{Verdict: Fail, Came: "Close without the message"}
	})
}

// EndsAfterClose is a Judge of whether the server ends the stream when both sides have sent a Close.
func EndsAfterClose() Judge {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome {
		d.conn.Write(probe.Close(1000, ""))
		d.read(ctx, d.server.Patience, d.closed)
		if !d.closed() {
			return d.noClose()
		}
		start := time.Now()
		d.read(ctx, d.server.Patience, func() bool { return false })
		if d.end == nil {
			return Outcome{Verdict: Fail, Came: "Close, but the connection stays open " + within(d.server.Patience)}
		}
		return Outcome{Verdict: Pass, Came: "Close, the end " + after(time.Since(start))}
	})
}
