package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
)

// pings is the number of round trips that are measured.
const pings = 3

// calibrate measures the round-trip time, and finds out whether the server answers pings and echoes messages.
func (s *Server) calibrate(ctx context.Context) error {
	up, err := s.open(ctx, true)
	if s.upgradesWrongly(err) {
		s.Facts.Broken = err
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.makeCarrier(up); err != nil {
		up.Stream.Close()
		return err
	}
	s.Facts = Facts{Handshake: up.Handshake, Deflate: up.Deflate}
	s.measureRoundTrip(ctx, up)
	random := fmt.Sprintf("wsx check %016x", rand.Uint64())
	switch s.Carrier {
	case "":
		if s.Facts.EchoText, err = s.isEchoed(ctx, wire.Text, random); err == nil {
			s.Facts.EchoBinary, err = s.isEchoed(ctx, wire.Binary, random)
		}
	default:
		if s.Facts.EchoText, err = s.isEchoed(ctx, wire.Text, s.Carrier); err == nil {
			_, err = s.isEchoed(ctx, wire.Text, random) // records how the application reacts to a message that it does not understand
		}
	}
	return err
}

// makeCarrier uses the verb of the dialect to make the message for checks that need one.
func (s *Server) makeCarrier(up *opened) (err error) {
	if up.state != nil && s.Protocol.Verb != "" && s.Carrier == "" {
		s.Carrier, err = s.Protocol.carrier(up.state)
	}
	return err
}

// measureRoundTrip sets Facts.RTT to the shortest of several round trips on a connection, and closes the connection.
func (s *Server) measureRoundTrip(ctx context.Context, up *opened) {
	conn := probe.NewConn(up.Stream)
	defer conn.Close()
	for range pings {
		took, err := s.ping(ctx, conn, s.Timeout)
		if _, ok := errors.AsType[closedError](err); ok && !s.Facts.Pongs {
			s.Facts.ClosesFirst = s.closesFirst(ctx)
		}
		if err != nil {
			break
		}
		s.Facts.Pongs = true
		if s.Facts.RTT == 0 || took < s.Facts.RTT {
			s.Facts.RTT = took
		}
	}
	if s.Facts.Pongs {
		s.closeConn(conn)
	}
}

// closesFirst returns the code of a Close that the server sends on a connection on which nothing was sent; 0 = it sends none.
func (s *Server) closesFirst(ctx context.Context) (code int) {
	up, err := s.open(ctx, false)
	if err != nil {
		return 0
	}
	conn := probe.NewConn(up.Stream)
	defer conn.Close()
	limitedCtx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	for {
		switch f, err := conn.Next(limitedCtx); {
		case err != nil:
			return 0
		case f.Opcode == wire.Close:
			code, _ := wire.ParseClose(f.Payload)
			return code
		}
	}
}

// upgradesWrongly reports whether the server answered an opening handshake over HTTP/1.1 with 101 or 200, but with an invalid
// response: then checks can run although there is no connection.
func (s *Server) upgradesWrongly(err error) bool {
	var failed *dial.Error
	if !errors.As(err, &failed) || failed.Kind != dial.HandshakeFailed || s.Options.HTTP != dial.HTTP1 {
		return false
	}
	status := failed.Handshake.Status
	return status == http.StatusSwitchingProtocols || status == http.StatusOK && failed.Handshake.Header.Get("Sec-WebSocket-Accept") != ""
}

// closedError is the code of a Close that was received instead of a pong.
type closedError int

func (e closedError) Error() string { return fmt.Sprintf("closed with %d", int(e)) }

// ping returns how long a pong takes. It returns an error if none is received within limit.
func (s *Server) ping(ctx context.Context, conn *probe.Conn, limit time.Duration) (time.Duration, error) {
	token := fmt.Sprintf("%016x", rand.Uint64())
	limitedCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	writeErr := conn.Write(probe.Ping(token))
	for {
		f, err := conn.Next(limitedCtx) // also after an error of the write: the server may have closed before
		switch {
		case err != nil:
			return 0, cmp.Or(writeErr, err)
		case f.Opcode == wire.Close:
			code, _ := wire.ParseClose(f.Payload)
			return 0, closedError(code)
		case f.Opcode == wire.Pong && string(f.Payload) == token:
			return time.Since(start), nil
		}
	}
}

// isEchoed reports whether a message is echoed on a connection of its own, and records in Facts whether the application
// closes the connection after it. Close codes of protocol errors do not come from the application.
func (s *Server) isEchoed(ctx context.Context, opcode wire.Opcode, payload string) (bool, error) {
	up, err := s.open(ctx, false)
	if err != nil {
		return false, err
	}
	conn := probe.NewConn(up.Stream)
	defer conn.Close()
	assumed := &Server{Options: s.Options, Timeout: s.Timeout, Facts: Facts{RTT: s.Facts.RTT, Pongs: s.Facts.Pongs, EchoText: true, EchoBinary: true}}
	r := &reaction{
		server: assumed, conn: conn, start: time.Now(), timeout: s.Timeout, calibrating: true,
		want: Want{Messages: []Message{{opcode, payload}}},
	}
	o := r.run(ctx, Script{Steps: []probe.Frame{{Opcode: opcode, Payload: []byte(payload)}}})
	if r.closeFrame != nil && !slices.Contains([]int{1002, 1007, 1009, 1010}, r.closeFrame.code) {
		s.Facts.Closes = r.closeFrame.code
	}
	s.Facts.Drops = s.Facts.Drops || o.Lost
	return o.Verdict == Pass && len(r.missing()) == 0, nil
}

// isAlive reports whether the server still accepts a connection and answers a ping.
func (s *Server) isAlive(ctx context.Context) bool {
	up, err := s.open(ctx, false)
	if err != nil {
		return s.upgradesWrongly(err)
	}
	conn := probe.NewConn(up.Stream)
	defer conn.Close()
	if !s.Facts.Pongs {
		return true
	}
	if _, err := s.ping(ctx, conn, max(5*time.Second, s.Timeout)); err != nil {
		return false
	}
	s.closeConn(conn)
	return true
}
