package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
)

// connected returns a check that calls run with a connection without extensions.
func connected(run func(ctx context.Context, s *Server, conn *probe.Conn) Outcome) RunFunc {
	return recorded(func(ctx context.Context, c *recordedConn) Outcome { return run(ctx, c.server, c.conn) })
}

// checkAlive returns the outcome of a server that must still accept connections and answer pings.
func (s *Server) checkAlive(ctx context.Context) Outcome {
	if s.isAlive(ctx) {
		return Outcome{Verdict: Pass, Received: "another connection is answered"}
	}
	return Outcome{Verdict: Fail, Received: "another connection is not answered", Lost: true}
}

// Pongs returns a check that each of n pings is answered.
func Pongs(n int) RunFunc {
	return connected(func(ctx context.Context, s *Server, conn *probe.Conn) Outcome {
		for i := range n {
			_, err := s.ping(ctx, conn, s.Timeout)
			if closed, ok := errors.AsType[closedError](err); ok && int(closed) == s.Facts.ClosesFirst {
				return Outcome{Verdict: Inconclusive, Received: fmt.Sprintf("Close %d", int(closed))}
			}
			if err != nil {
				return Outcome{Verdict: Fail, Received: fmt.Sprintf("no pong for ping %d of %d %s", i+1, n, within(s.Timeout))}
			}
		}
		s.closeConn(conn)
		return Outcome{Verdict: Pass, Received: fmt.Sprintf("%d pongs", n)}
	})
}

// Aborted returns a check that the server survives a client that disconnects in the middle of a frame.
func Aborted(frames ...probe.Frame) RunFunc {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		conn := probe.NewConn(stream)
		conn.Write(frames...)
		conn.Close()
		return s.checkAlive(ctx)
	})
}

// HalfClosed returns a check that the server ends a connection whose client has closed its half.
func HalfClosed() RunFunc {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		conn := probe.NewConn(stream)
		defer conn.Close()
		closer, ok := stream.(interface{ CloseWrite() error })
		if !ok || closer.CloseWrite() != nil {
			return Outcome{Verdict: Skip, Received: "this connection cannot be half-closed"}
		}
		start := time.Now()
		limitedCtx, cancel := context.WithTimeout(ctx, s.Timeout)
		defer cancel()
		for {
			_, err := conn.Next(limitedCtx)
			switch {
			case err == nil:
			case limitedCtx.Err() != nil:
				return Outcome{Verdict: Fail, Received: "the connection stays open " + within(s.Timeout)}
			default:
				return Outcome{Verdict: Pass, Received: "the end " + after(time.Since(start))}
			}
		}
	})
}

// UnfinishedRequest returns a check that an incomplete request does not block other clients.
func UnfinishedRequest() RunFunc {
	return onTransport((*Server).skipsHTTP1, func(ctx context.Context, s *Server, t *dial.Transport) Outcome {
		if _, err := io.WriteString(t.Conn, t.Request[0]+"\r\nHost:"); err != nil {
			return Outcome{Verdict: Warn, Received: ended(err)}
		}
		select { // give the server time to begin reading
		case <-time.After(max(50*time.Millisecond, 3*s.Facts.RTT)):
		case <-ctx.Done():
		}
		limitedCtx, cancel := context.WithTimeout(ctx, 5*s.Timeout)
		defer cancel()
		o := s.checkAlive(limitedCtx)
		o.Lost = false // the server accepts connections, but does not answer
		return o
	})
}

// Unread returns a check that a client that does not read does not block other clients.
func Unread() RunFunc {
	return onStream(func(ctx context.Context, s *Server, stream io.ReadWriteCloser) Outcome {
		defer stream.Close()
		if !s.Facts.EchoText {
			return Outcome{Verdict: Skip, Received: "the server does not echo"}
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
		case <-time.After(min(s.Timeout, 300*time.Millisecond)):
		}
		return s.checkAlive(ctx)
	})
}

// Idle returns a check that a connection stays open while nothing is sent for d.
func Idle(d time.Duration) RunFunc {
	return connected(func(ctx context.Context, s *Server, conn *probe.Conn) Outcome {
		limitedCtx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		for {
			f, err := conn.Next(limitedCtx)
			switch {
			case err != nil && limitedCtx.Err() == nil:
				return Outcome{Verdict: Warn, Received: ended(err)}
			case err == nil && f.Opcode == wire.Close:
				return Outcome{Verdict: Inconclusive, Received: "Close"}
			case err == nil && f.Opcode == wire.Ping:
				conn.Write(probe.Pong(string(f.Payload)))
			case err != nil:
				if _, err := s.ping(ctx, conn, s.Timeout); err != nil {
					return Outcome{Verdict: Fail, Received: "no pong " + within(s.Timeout)}
				}
				s.closeConn(conn)
				return Outcome{Verdict: Pass, Received: "pong after " + d.String()}
			}
		}
	})
}

// Slow returns a check that the server ends, within d, a request that is sent byte by byte.
func Slow(d time.Duration) RunFunc {
	return onTransport((*Server).skipsHTTP1, func(ctx context.Context, s *Server, t *dial.Transport) Outcome {
		start := time.Now()
		request := t.Request[0] + "\r\nX-Slow: "
		for i := 0; time.Since(start) < d; i++ {
			next := "x"
			if i < len(request) {
				next = request[i : i+1]
			}
			if _, err := io.WriteString(t.Conn, next); err != nil {
				return Outcome{Verdict: Pass, Received: "the end " + after(time.Since(start))}
			}
			t.Conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			if _, err := t.Conn.Read(make([]byte, 1)); !timedOut(err) {
				return Outcome{Verdict: Pass, Received: "the end " + after(time.Since(start))}
			}
		}
		return Outcome{Verdict: Fail, Received: "the connection stays open " + within(d)}
	})
}

// Survived returns a check that the server survives an expensive script, which it may reject or process.
func Survived(script func(message string) Script) RunFunc {
	run := Frames(script)
	return func(ctx context.Context, s *Server) (Outcome, error) {
		o, err := run(ctx, s)
		if err != nil || o.Verdict == Skip {
			return o, err
		}
		if alive := s.checkAlive(ctx); alive.Verdict == Fail {
			alive.Malformed, alive.Frames = true, o.Frames
			return alive, nil
		}
		return o, nil
	}
}

// LongHeader returns a check that the server rejects a request with a header of n bytes.
func LongHeader(n int) RunFunc {
	return Requests(Request{
		Change: func(r *probe.Request) {
			for i := range n / 1000 {
				r.Add(fmt.Sprintf("X-Long-%d: %s", i, strings.Repeat("x", 1000)))
			}
		},
		Evaluate: func(e *Exchange) Outcome {
			o := Holds(!e.Upgraded(), e.describe())
			if timedOut(e.Err) {
				o.Verdict = Inconclusive // the server may be slow, or still be reading
			}
			o.Malformed = true
			return o
		},
	})
}
