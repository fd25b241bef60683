package check

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
)

// onStream is a Judge on a connection without extensions, which judge closes.
func onStream(judge func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if s.Facts.Broken != nil {
			return noConnection(), nil
		}
		up, err := s.open(ctx, false)
		if err != nil {
			return Outcome{}, err
		}
		return judge(ctx, s, up.Stream), nil
	}
}

// onTransport is a Judge on a connection on which no request was written yet, unless skips returns why it does not apply.
func onTransport(skips func(*Server) (Outcome, bool), judge func(ctx context.Context, s *Server, t *dial.Transport) Outcome) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		if o, skip := skips(s); skip {
			return o, nil
		}
		t, err := s.Connect(ctx)
		if err != nil {
			return Outcome{}, err
		}
		defer t.Close()
		stop := context.AfterFunc(ctx, func() { t.Close() })
		defer stop()
		return judge(ctx, s, t), nil
	}
}

// connected is a Judge that needs a connection without extensions.
func connected(judge func(ctx context.Context, s *Server, conn *probe.Conn) Outcome) Judge {
	return dialogues(func(ctx context.Context, d *dialogue) Outcome { return judge(ctx, d.server, d.conn) })
}

// survives judges whether the server still takes connections and answers pings.
func (s *Server) survives(ctx context.Context) Outcome {
	if s.canary(ctx) {
		return Outcome{Verdict: Pass, Came: "another connection is answered"}
	}
	return Outcome{Verdict: Fail, Came: "another connection is not answered", Lost: true}
}

// Pongs is a Judge of whether each of several pings is answered.
func Pongs(n int) Judge {
	return connected(func(ctx context.Context, s *Server, conn *probe.Conn) Outcome {
		for i := range n {
			if _, ok := s.ping(ctx, conn, s.Patience); !ok {
				return Outcome{Verdict: Fail, Came: fmt.Sprintf("no pong for ping %d of %d %s", i+1, n, within(s.Patience))}
			}
		}
		s.leave(conn)
		return Outcome{Verdict: Pass, Came: fmt.Sprintf("%d pongs", n)}
	})
}

// Aborted is a Judge of whether the server survives that a client is gone in the middle of a frame.
func Aborted(begun ...probe.Frame) Judge {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		conn := probe.NewConn(stream)
		conn.Write(begun...)
		conn.Close()
		return s.survives(ctx)
	})
}

// HalfClosed is a Judge of whether the server ends a connection whose client has ended its half.
func HalfClosed() Judge {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		conn := probe.NewConn(stream)
		defer conn.Close()
		half, ok := stream.(interface{ CloseWrite() error })
		if !ok || half.CloseWrite() != nil {
			return Outcome{Verdict: Skip, Came: "this connection cannot be half-closed"}
		}
		start := time.Now()
		waiting, cancel := context.WithTimeout(ctx, s.Patience)
		defer cancel()
		for {
			_, err := conn.Next(waiting)
			switch {
			case err == nil:
			case waiting.Err() != nil:
				return Outcome{Verdict: Fail, Came: "the connection stays open " + within(s.Patience)}
			default:
				return Outcome{Verdict: Pass, Came: "the end " + after(time.Since(start))}
			}
		}
	})
}

// UnfinishedRequest is a Judge of whether a request that does not end keeps others waiting.
func UnfinishedRequest() Judge {
	return onTransport((*Server).skipsHTTP1, func(ctx context.Context, s *Server, t *dial.Transport) Outcome {
		if _, err := io.WriteString(t.Conn, t.Request[0]+"\r\nHost:"); err != nil {
			return Outcome{Verdict: Warn, Came: ended(err)}
		}
		select { // until the server has begun to read
		case <-time.After(max(50*time.Millisecond, 3*s.Facts.RTT)):
		case <-ctx.Done():
		}
		limited, cancel := context.WithTimeout(ctx, 5*s.Patience)
		defer cancel()
		o := s.survives(limited)
		o.Lost = false // the server is there, and waits
		return o
	})
}

// Unread is a Judge of whether a client that does not read what it asked for keeps others waiting.
func Unread() Judge {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		defer stream.Close()
		if !s.Facts.EchoText {
			return Outcome{Verdict: Skip, Came: "the server does not echo"}
		}
		written := make(chan struct{})
		go func() { // ended by closing the stream
			defer close(written)
			message := probe.Text(strings.Repeat("*", 64<<10))
			for range 128 {
				if probe.WriteTo(stream, message) != nil {
					return
				}
			}
		}()
		select {
		case <-written:
		case <-time.After(min(s.Patience, 300*time.Millisecond)):
		}
		return s.survives(ctx)
	})
}

// Idle is a Judge of whether a connection on which nothing is sent stays open.
func Idle(d time.Duration) Judge {
	return connected(func(ctx context.Context, s *Server, conn *probe.Conn) Outcome {
		waiting, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		for {
			f, err := conn.Next(waiting)
			switch {
			case err != nil && waiting.Err() == nil:
				return Outcome{Verdict: Warn, Came: ended(err)}
			case err == nil && f.Opcode == wire.Close:
				return Outcome{Verdict: Inconclusive, Came: "Close"}
			case err == nil && f.Opcode == wire.Ping:
				conn.Write(probe.Pong(string(f.Payload)))
			case err != nil:
				if _, ok := s.ping(ctx, conn, s.Patience); !ok {
					return Outcome{Verdict: Fail, Came: "no pong " + within(s.Patience)}
				}
				s.leave(conn)
				return Outcome{Verdict: Pass, Came: "pong after " + d.String()}
			}
		}
	})
}

// Slow is a Judge of whether a request of which a byte comes now and then is cut off.
func Slow(d time.Duration) Judge {
	return onTransport((*Server).skipsHTTP1, func(ctx context.Context, s *Server, t *dial.Transport) Outcome {
		start := time.Now()
		request := t.Request[0] + "\r\nX-Slow: "
		for i := 0; time.Since(start) < d; i++ {
			next := "x"
			if i < len(request) {
				next = request[i : i+1]
			}
			if _, err := io.WriteString(t.Conn, next); err != nil {
				return Outcome{Verdict: Pass, Came: "the end " + after(time.Since(start))}
			}
			t.Conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			if _, err := t.Conn.Read(make([]byte, 1)); !timedOut(err) {
				return Outcome{Verdict: Pass, Came: "the end " + after(time.Since(start))}
			}
		}
		return Outcome{Verdict: Fail, Came: "the connection stays open " + within(d)}
	})
}

// Endured is a Judge of a script that costs the server much: it may refuse it or endure it, and must survive.
func Endured(script func(message string) Script) Judge {
	try := Frames(script)
	return func(ctx context.Context, s *Server) (Outcome, error) {
		o, err := try(ctx, s)
		if err != nil || o.Verdict == Skip {
			return o, err
		}
		if survives := s.survives(ctx); survives.Verdict == Fail {
			survives.Malformed, survives.Frames = true, o.Frames
			return survives, nil
		}
		return o, nil
	}
}

// LongHeader is a Judge of whether the server bounds the header of a request.
func LongHeader(n int) Judge {
	return Requests(Request{
		Change: func(r *probe.Request) {
			for i := range n / 1000 {
				r.Add(fmt.Sprintf("X-Long-%d: %s", i, strings.Repeat("x", 1000)))
			}
		},
		Judge: func(e *Exchange) Outcome {
			o := Holds(!e.Upgraded(), e.came())
			if timedOut(e.Err) {
				o.Verdict = Inconclusive // it may be slow, or still be reading
			}
			o.Malformed = true
			return o
		},
	})
}
