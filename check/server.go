package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
	"wsx/errno"
)

// Server is the server under judgement, as the checks reach it. It may be used by several goroutines.
type Server struct {
	URL      string
	Options  dial.Options
	Facts    Facts
	Patience time.Duration // how long an answer may take
	Carrier  string        // a message that the application accepts; "" = not given
	Protocol *Protocol     // that connections are logged in with; nil = none

	mu    sync.Mutex // guards the fields below
	plain []*dial.Dialer
	dense []*dial.Dialer // that offer permessage-deflate
	bases map[string]*base
}

// base is a check that others build on. It is judged once for all of them: a server that breaks it may take its time.
type base struct {
	once   sync.Once
	broken bool
}

// Facts are what calibration found out about the server.
type Facts struct {
	Handshake  *dial.Handshake // of a connection as the user configured it
	Deflate    *wire.Deflate   // as agreed there; nil = not agreed
	RTT        time.Duration   // how long a pong takes
	Pongs      bool            // it answers pings
	EchoText   bool            // it sends a text message back
	EchoBinary bool            // likewise a binary one
	Broken     error           // why no connection can be used, although the server upgrades; nil = it can
	Closes     int             // with this code it ends a connection after a message of its own accord; 0 = it does not
	Drops      bool            // it does so without a Close
}

// dialer lends a dialer, which one goroutine at a time may use, until giveBack is called, and the session of the dialect that its
// connection is to speak; nil = none.
func (s *Server) dialer(ctx context.Context, deflate bool) (d *dial.Dialer, state *dialect.State, giveBack func(), err error) {
	if s.Protocol != nil {
		url, o, state, err := s.Protocol.Connect(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		o.NoCompress = o.NoCompress || !deflate
		d, err = dial.New(url, o)
		return d, state, func() {}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	idle := &s.plain
	if deflate {
		idle = &s.dense
	}
	if n := len(*idle); n > 0 {
		d, *idle = (*idle)[n-1], (*idle)[:n-1]
	} else {
		o := s.Options
		o.NoCompress = o.NoCompress || !deflate
		if d, err = dial.New(s.URL, o); err != nil {
			return nil, nil, nil, err
		}
	}
	return d, nil, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*idle = append(*idle, d)
	}, nil
}

// open opens a connection as the user configured it, with permessage-deflate offered or not, and logs in.
func (s *Server) open(ctx context.Context, deflate bool) (*opened, error) {
	d, state, giveBack, err := s.dialer(ctx, deflate)
	if err != nil {
		return nil, err
	}
	defer giveBack()
	up, err := d.Dial(ctx)
	if err != nil {
		return nil, err
	}
	conn := &opened{up, newInflate(up.Deflate)}
	if state == nil {
		return conn, nil
	}
	if err := s.logIn(ctx, conn, state); err != nil {
		up.Stream.Close()
		return nil, err
	}
	return conn, nil
}

// logIn logs in on a connection. On the first one the verb makes the message that stands for any message.
func (s *Server) logIn(ctx context.Context, conn *opened, state *dialect.State) error {
	if err := logIn(ctx, conn, state); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Protocol.Verb == "" || s.Carrier != "" {
		return nil
	}
	var err error
	s.Carrier, err = s.Protocol.carrier(state)
	return err
}

// Connect opens a connection on which no request was written yet.
func (s *Server) Connect(ctx context.Context) (*dial.Transport, error) {
	d, _, giveBack, err := s.dialer(ctx, false)
	if err != nil {
		return nil, err
	}
	defer giveBack()
	return d.Connect(ctx)
}

// Grace is how long a Close may come after a pong: some servers answer pings before they have judged what came before.
func (s *Server) Grace() time.Duration { return max(300*time.Millisecond, 3*s.Facts.RTT) }

// message is what stands for a message in checks that need any.
func (s *Server) message() string {
	if s.Carrier != "" {
		return s.Carrier
	}
	return "The quick brown fox"
}

// breaks reports whether a check that others build on fails.
func (s *Server) breaks(ctx context.Context, c Check) bool {
	s.mu.Lock()
	if s.bases == nil {
		s.bases = map[string]*base{}
	}
	b := s.bases[c.ID]
	if b == nil {
		b = &base{}
		s.bases[c.ID] = b
	}
	s.mu.Unlock()
	b.once.Do(func() {
		o, err := c.Judge(ctx, s)
		b.broken = err == nil && o.Verdict != Pass && o.Verdict != Skip
	})
	return b.broken
}

// echoes reports whether messages of a type come back.
func (s *Server) echoes(opcode wire.Opcode) bool {
	if opcode == wire.Binary {
		return s.Facts.EchoBinary
	}
	return s.Facts.EchoText
}

// echoed reports whether a text message has come back among frames; from a server that does not echo, whether a pong has come.
func (s *Server) echoed(frames []probe.Received, message string) bool {
	return slices.ContainsFunc(frames, func(f probe.Received) bool {
		if !s.Facts.EchoText {
			return f.Opcode == wire.Pong
		}
		return f.Opcode == wire.Text && string(f.Payload) == message
	})
}

// leave closes a connection that is still open as a client does, and gives the server a moment to do its part.
func (s *Server) leave(conn *probe.Conn) {
	if conn.Write(probe.Close(1000, "")) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), max(50*time.Millisecond, 3*s.Facts.RTT))
	defer cancel()
	for {
		if f, err := conn.Next(ctx); err != nil || f.Opcode == wire.Close {
			return
		}
	}
}

// ended says in words how a stream ended.
func ended(err error) string {
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended without a Close"
	case errno.IsReset(err), errno.IsClosedPipe(err):
		return "the connection was reset without a Close"
	case errors.Is(err, net.ErrClosed):
		return "the server did not read the data"
	}
	return fmt.Sprintf("the connection ended without a Close: %v", err)
}

// after is how long something took, in words.
func after(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return "after " + d.Round(100*time.Microsecond).String()
	case d < time.Second:
		return "after " + d.Round(time.Millisecond).String()
	}
	return "after " + d.Round(10*time.Millisecond).String()
}

// within is how long was waited, in words.
func within(d time.Duration) string { return "within " + d.Round(time.Millisecond).String() }

// noConnection is the outcome of a check about frames where the opening handshake is wrong.
func noConnection() Outcome {
	return Outcome{Verdict: Skip, Came: "the opening handshake is invalid"}
}
