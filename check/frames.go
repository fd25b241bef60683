package check

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
)

// Script is what a check about frames sends on an open connection, and what reaction it expects.
type Script struct {
	Steps []probe.Frame
	Want  Want

	Deflate  bool                     // use a connection with permessage-deflate, and inflate the server's messages
	Agreed   func(*wire.Deflate) bool // reports whether the script applies to the negotiated parameters; nil = it always does
	Offer    string                   // extensions to offer, on a connection over HTTP/1.1; "" = those of the user's options
	Measured Message                  // a message whose echo has at least Least bytes if the server conforms to the negotiated parameters
	Least    uint64                   // minimum size of the echo of Measured on the wire, in bytes; 0 = not measured
	Timeout  time.Duration            // bounds the wait for an answer, if that is more than Server.Timeout
	Held     int                      // number of bytes at the end of the only step that are written only if the server has not begun to answer without them
}

// Want is the expected reaction to a Script.
type Want struct {
	Kind     Kind
	Codes    []int     // the codes that the server's Close may have; nil = any valid code, or with StaysOpen, no Close
	Messages []Message // messages that an echo server sends back, in this order
	Pongs    []string  // payloads of pongs, in this order; others may be between them
	NoPongs  []string  // payloads of pongs that must not be received
	NoPing   bool      // the last frame that was sent is incomplete, so that no ping can follow
	Prompt   bool      // the reaction is expected within Server.grace
}

// Kind is the kind of a reaction.
type Kind int

// The reactions to what was sent.
const (
	StaysOpen Kind = iota // a ping is answered, and valid messages are echoed
	Fails                 // the connection is failed (RFC 6455, section 7.1.7)
	Closes                // a Close is answered with a Close (RFC 6455, section 5.5.1)
	Either                // the connection is failed or stays open, but does not hang
)

// String returns the expected reaction in words.
func (w Want) String() string {
	codes := make([]string, len(w.Codes))
	for i, code := range w.Codes {
		codes[i] = codeName(code)
	}
	list := strings.Join(codes, " or ")
	switch w.Kind {
	case Fails:
		return strings.TrimSpace("Close " + list)
	case Closes:
		if list == "" {
			return "a Close in reply"
		}
		return "Close " + list
	case Either:
		return strings.TrimSuffix("the connection stays open, or Close "+list, " or Close ")
	}
	text := "the connection stays open"
	if list != "" {
		text += ", or Close " + list
	}
	if len(w.Pongs) > 0 {
		text += ", and the pings get their pongs"
	}
	if len(w.Messages) > 0 {
		text += ", and an echo server sends the message back"
	}
	return text
}

// Frames returns a check that runs a script, which is made for the message that Server.message returns.
func Frames(script func(message string) Script) RunFunc {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		sc := script(s.message())
		if sc.Deflate && s.Facts.Deflate == nil {
			return Outcome{Verdict: Skip, Received: "permessage-deflate was not negotiated"}, nil
		}
		if s.Facts.Broken != nil {
			return noConnection(), nil
		}
		up, o, err := s.openFor(ctx, sc)
		if up == nil {
			return o, err
		}
		conn := probe.NewConn(up.Stream)
		defer conn.Close()
		r := &reaction{server: s, conn: conn, want: sc.Want, start: time.Now(), timeout: max(s.Timeout, sc.Timeout)}
		if sc.Deflate {
			r.inflate = up.inflate
		}
		o = r.run(ctx, sc)
		if at := slices.Index(r.messages, sc.Measured); at >= 0 && o.Verdict == Pass && r.sizes[at] < sc.Least {
			o = Outcome{Verdict: Fail, Received: fmt.Sprintf("%s in %d bytes", r.messages[at], r.sizes[at])}
		}
		o.Frames = conn.Log()
		return o, nil
	}
}

// openFor opens the connection that a script needs. The connection is nil if the check is skipped, with its outcome, or if opening
// failed, with the error.
func (s *Server) openFor(ctx context.Context, sc Script) (*opened, Outcome, error) {
	var up *opened
	if sc.Offer == "" {
		var err error
		if up, err = s.open(ctx, sc.Deflate); err != nil {
			return nil, Outcome{}, err
		}
	} else {
		if o, skip := s.skipsHTTP1(); skip {
			return nil, o, nil
		}
		e, err := s.Exchange(ctx, func(r *probe.Request) { r.Set("Sec-WebSocket-Extensions: " + sc.Offer) })
		if err != nil {
			return nil, Outcome{}, err
		}
		if !e.Upgraded() {
			e.Close()
			return nil, Outcome{Verdict: Skip, Received: "the offer was declined: " + e.describe()}, nil
		}
		up = &opened{Conn: &dial.Conn{Stream: e.Response.Stream}}
		up.Deflate, _ = wire.ParseDeflate(e.Response.Header.Values("Sec-WebSocket-Extensions")) // the group deflate.offer checks the answer
		up.inflate = newInflate(up.Deflate)
		if s.Protocol != nil {
			if err := s.logInAfter(ctx, up, e); err != nil {
				e.Close()
				return nil, Outcome{}, err
			}
		}
	}
	if sc.Deflate && up.Deflate == nil || sc.Agreed != nil && !sc.Agreed(up.Deflate) {
		up.Stream.Close()
		return nil, Outcome{Verdict: Skip, Received: "the server did not accept this parameter"}, nil
	}
	return up, Outcome{}, nil
}

// reaction collects the reaction of the server to a script.
type reaction struct {
	assembler
	server      *Server
	conn        *probe.Conn
	want        Want
	start       time.Time
	timeout     time.Duration
	accepted    *Message // the message that is echoed if the server accepts what it must reject; nil = unknown
	data        bool     // a message was sent, or the beginning of one
	token       []byte   // payload of the ping that ends the script
	calibrating bool     // whether the server echoes messages is not known yet

	messages   []Message // complete received messages
	sizes      []uint64  // size of each of them on the wire, in bytes
	pongs      []string
	pongTime   time.Duration // when the pong to token was received; 0 = not yet
	closeFrame *closeFrame   // nil = none was received
	end        error         // nil = the stream has not ended
	broken     string        // why what the server sent is invalid; "" = it is valid
}

// closeFrame is a received Close frame.
type closeFrame struct {
	code    int
	reason  string
	hasCode bool // valid or not
}

func (c *closeFrame) String() string {
	text := "Close " + codeName(c.code)
	if c.hasCode {
		text = fmt.Sprintf("Close %d", c.code)
	}
	if c.reason != "" {
		text += fmt.Sprintf(" %q", c.reason)
	}
	return text
}

// run runs the script and returns the outcome.
func (r *reaction) run(ctx context.Context, sc Script) Outcome {
	r.accepted = lastMessage(sc.Steps)
	r.data = slices.ContainsFunc(sc.Steps, func(f probe.Frame) bool { return f.Opcode == wire.Text || f.Opcode == wire.Binary })
	write := func() error { return r.conn.Write(sc.Steps...) }
	if sc.Held > 0 {
		rest, _ := r.conn.WriteWithout(sc.Steps[0], sc.Held) // if writing fails, so does reading
		if r.answersEarly(ctx) {
			return Outcome{Verdict: Pass, Received: "the message is echoed in fragments while it is still being sent: it is not held in memory"}
		}
		write = func() error { return r.conn.WriteBytes(rest) }
	}
	err := write() // if writing fails, the server has ended the connection early, and reading returns the reason
	if err == nil && r.want.Kind != Closes && !r.want.NoPing && r.server.Facts.Pongs {
		r.token = fmt.Appendf(nil, "%016x", rand.Uint64())
		r.conn.Write(probe.Ping(string(r.token)))
	}
	r.collect(ctx)
	if ctx.Err() != nil {
		return Outcome{Verdict: Skip, Received: "interrupted"}
	}
	o := r.verdict()
	o.Lost = r.end != nil && r.closeFrame == nil
	o.Malformed = r.want.Kind == Fails || r.want.Kind == Closes && !slices.Contains(r.want.Codes, 1000)
	if r.end == nil {
		r.close()
	}
	return o
}

// earlyTimeout bounds the wait for an answer to the beginning of a message: a server that reads the whole message first sends
// none.
const earlyTimeout = 2 * time.Second

// answersEarly reports whether the server sends the beginning of a message within earlyTimeout, and not a Close.
func (r *reaction) answersEarly(ctx context.Context) bool {
	limitedCtx, cancel := context.WithTimeout(ctx, min(r.server.Timeout, earlyTimeout))
	defer cancel()
	for r.closeFrame == nil {
		f, err := r.conn.Next(limitedCtx)
		if err != nil {
			return false // if the stream has ended, reading fails again
		}
		if (f.Opcode == wire.Text || f.Opcode == wire.Binary) && !f.Fin {
			return true
		}
		r.addFrame(f)
	}
	return false
}

// lastMessage returns the message that ends with the last frame; nil = none.
func lastMessage(frames []probe.Frame) *Message {
	begin := len(frames) - 1
	for begin >= 0 && frames[begin].Opcode == wire.Continuation {
		begin--
	}
	if begin < 0 || frames[begin].Opcode != wire.Text && frames[begin].Opcode != wire.Binary {
		return nil
	}
	var payload strings.Builder
	for _, f := range frames[begin:] {
		payload.Write(f.Payload)
	}
	return &Message{Opcode: frames[begin].Opcode, Payload: payload.String()}
}

// close performs the closing handshake and closes the connection.
func (r *reaction) close() {
	switch {
	case r.want.NoPing, r.want.Kind == Closes && r.closeFrame == nil:
	case r.closeFrame == nil:
		r.server.closeConn(r.conn)
	case r.want.Kind != Closes:
		r.conn.Write(probe.Close(r.closeFrame.sendable(), ""))
	}
}

// sendable returns the code to answer a Close with.
func (c *closeFrame) sendable() int {
	if wire.ValidCode(c.code) {
		return c.code
	}
	return wire.CodeNone
}

// limit returns how long to wait for the next frame.
func (r *reaction) limit() time.Duration {
	switch {
	case r.pongTime > 0 && (r.want.Kind == Fails || r.calibrating):
		return r.pongTime + r.server.grace()
	case r.want.Prompt, r.token == nil && r.want.Kind == StaysOpen:
		return r.server.grace()
	}
	return r.timeout
}

// collect reads until the reaction is complete, or the wait for it is over.
func (r *reaction) collect(ctx context.Context) {
	for !r.complete() {
		limitedCtx, cancel := context.WithDeadline(ctx, r.start.Add(r.limit()))
		f, err := r.conn.Next(limitedCtx)
		inTime := limitedCtx.Err() == nil
		cancel()
		if err != nil {
			if inTime {
				r.end = err
			}
			return
		}
		r.addFrame(f)
	}
}

// complete reports whether what was received determines the outcome.
func (r *reaction) complete() bool {
	if r.closeFrame != nil || r.broken != "" {
		return true
	}
	if r.pongTime > 0 && r.want.Kind == Fails && r.accepted != nil && slices.Contains(r.messages, *r.accepted) {
		return true
	}
	return r.pongTime > 0 && (r.want.Kind == Either || r.want.Kind == StaysOpen && len(r.missing()) == 0 && r.hasPongs())
}

// missing returns the messages that an echo server has not sent yet.
func (r *reaction) missing() []Message {
	expected := notReceived(r.want.Messages, r.messages)
	return slices.DeleteFunc(slices.Clone(expected), func(m Message) bool { return !r.server.echoes(m.Opcode) })
}

// hasPongs reports whether the expected pongs were received in their order.
func (r *reaction) hasPongs() bool { return len(notReceived(r.want.Pongs, r.pongs)) == 0 }

// notReceived returns the rest of the expected values, from the first one that was not received in this order. Other values may be
// received between them.
func notReceived[T comparable](expected, received []T) []T {
	for _, v := range received {
		if len(expected) > 0 && v == expected[0] {
			expected = expected[1:]
		}
	}
	return expected
}

// addFrame records a received frame.
func (r *reaction) addFrame(f probe.Received) {
	now := time.Since(r.start)
	switch f.Opcode {
	case wire.Close:
		code, reason := wire.ParseClose(f.Payload)
		r.closeFrame = &closeFrame{code, string(reason), len(f.Payload) > 1}
		if len(f.Payload) == 1 {
			r.broken = "a Close frame with a payload of 1 byte"
		}
	case wire.Pong:
		if r.token != nil && bytes.Equal(f.Payload, r.token) {
			r.pongTime = now
		} else {
			r.pongs = append(r.pongs, string(f.Payload))
		}
	case wire.Text, wire.Binary, wire.Continuation:
		m, size, complete, err := r.add(f)
		if err != nil {
			r.broken = fmt.Sprintf("a compressed message that cannot be decompressed: %v", err)
		}
		if complete {
			r.messages, r.sizes = append(r.messages, m), append(r.sizes, uint64(size))
		}
	}
}
