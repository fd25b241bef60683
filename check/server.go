package check

import (
	"context"
	"slices"
	"sync"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
	"wsx/dialect"
)

// Server is the server under test. It is safe for concurrent use.
type Server struct {
	URL      string
	Options  dial.Options
	Facts    Facts
	Timeout  time.Duration // bounds the wait for an answer
	Carrier  string        // a message that the application accepts; "" = not given
	Protocol *Protocol     // to log in with; nil = none

	mu        sync.Mutex             // guards the fields below
	plain     []*dial.Dialer         // idle, without an offer of permessage-deflate
	deflating []*dial.Dialer         // idle, with one
	bases     map[string]func() bool // by the ID of a check: runs it, and reports whether it fails
}

// Facts is what calibration has found out about the server.
type Facts struct {
	Handshake   *dial.Handshake // of a connection as the user configured it
	Deflate     *wire.Deflate   // as negotiated there; nil = not negotiated
	RTT         time.Duration   // round-trip time of a ping
	Pongs       bool            // it answers pings
	EchoText    bool            // it echoes a text message
	EchoBinary  bool            // it echoes a binary message
	Broken      error           // why no connection can be used although the server upgrades; nil = connections can be used
	ClosesFirst int             // code with which it closes a connection before it has received a message; 0 = it does not
	Closes      int             // code with which it closes a connection after a message; 0 = it does not
	Drops       bool            // it ends a connection after a message without a Close
}

// dialer returns a dialer for exclusive use until release is called, and a new session of the dialect for the connection, which
// is nil without a dialect.
func (s *Server) dialer(ctx context.Context, deflate bool) (d *dial.Dialer, state *dialect.State, release func(), err error) {
	if s.Protocol != nil {
		url, o, state, err := s.Protocol.Connect(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		o.NoCompress = o.NoCompress || !deflate
		d, err = dial.New(ctx, url, o)
		return d, state, func() {}, err
	}
	idle := &s.plain
	if deflate {
		idle = &s.deflating
	}
	if d = s.popIdle(idle); d == nil {
		o := s.Options
		o.NoCompress = o.NoCompress || !deflate
		if d, err = dial.New(ctx, s.URL, o); err != nil {
			return nil, nil, nil, err
		}
	}
	return d, nil, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*idle = append(*idle, d)
	}, nil
}

// popIdle removes a dialer from a list and returns it; nil = the list is empty.
func (s *Server) popIdle(idle *[]*dial.Dialer) *dial.Dialer {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(*idle)
	if n == 0 {
		return nil
	}
	d := (*idle)[n-1]
	*idle = (*idle)[:n-1]
	return d
}

// open opens a connection as the user configured it, with or without an offer of permessage-deflate, and logs in.
func (s *Server) open(ctx context.Context, deflate bool) (*opened, error) {
	d, state, release, err := s.dialer(ctx, deflate)
	if err != nil {
		return nil, err
	}
	defer release()
	up, err := d.Dial(ctx)
	if err != nil {
		return nil, err
	}
	conn := &opened{Conn: up, inflate: newInflate(up.Deflate)}
	if state == nil {
		return conn, nil
	}
	if err := logIn(ctx, conn, state); err != nil {
		up.Stream.Close()
		return nil, err
	}
	return conn, nil
}

// connect opens a connection without writing a request.
func (s *Server) connect(ctx context.Context) (*dial.Transport, error) {
	d, _, release, err := s.dialer(ctx, false)
	if err != nil {
		return nil, err
	}
	defer release()
	return d.Connect(ctx)
}

// grace returns how long after a pong a Close may be received: some servers answer pings before they have validated earlier
// frames.
func (s *Server) grace() time.Duration { return max(300*time.Millisecond, 3*s.Facts.RTT) }

// message returns the message for checks that need one of any content.
func (s *Server) message() string {
	if s.Carrier != "" {
		return s.Carrier
	}
	return "The quick brown fox"
}

// echoes reports whether the server echoes messages of a type.
func (s *Server) echoes(opcode wire.Opcode) bool {
	if opcode == wire.Binary {
		return s.Facts.EchoBinary
	}
	return s.Facts.EchoText
}

// echoed reports whether frames have the echo of a text message or, if the server does not echo, a pong.
func (s *Server) echoed(frames []probe.Received, message string) bool {
	return slices.ContainsFunc(frames, func(f probe.Received) bool {
		if !s.Facts.EchoText {
			return f.Opcode == wire.Pong
		}
		return f.Opcode == wire.Text && string(f.Payload) == message
	})
}

// closeConn performs the closing handshake of a connection that is still open, and waits a short time for the server's part.
func (s *Server) closeConn(conn *probe.Conn) {
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
