package check

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wsx/check/probe"
	"wsx/client/dial"
	"wsx/client/wire"
)

// Script is what a check about frames sends on an open connection, and what it wants.
type Script struct {
	Steps []probe.Frame
	Want  Want

	Deflate  bool                     // on a connection with permessage-deflate; the server's messages are inflated
	Agreed   func(*wire.Deflate) bool // reports whether what was agreed on is what the script is about; nil = it is
	Offer    string                   // on a connection over HTTP/1.1 with these extensions offered; "" = those of the user's flags
	Measured Message                  // that cannot come back in less than Least bytes where the server keeps to what was agreed on
	Least    uint64
	Patience time.Duration // how long an answer may take if that is more than Server.Patience
	Held     int           // how many bytes at the end of the one step are written when the server has not begun to answer without them
}

// Want is how a server is to react to a Script.
type Want struct {
	Kind     Kind
	Codes    []int     // of the Close, each of them right; nil = any that may be sent, or none where the connection stays open
	Messages []Message // that come back where the server echoes, in this order
	Pongs    []string  // payloads of pongs, in this order; others may come between them
	NoPongs  []string  // payloads of pongs that may not come
	NoPing   bool      // what was sent leaves a frame open, so that no ping can follow
	Prompt   bool      // within Server.Grace
}

// Kind is the kind of a reaction.
type Kind int

// The reactions to what was sent.
const (
	StaysOpen Kind = iota // a ping gets its pong, and what was valid comes back
	Fails                 // the connection is failed (RFC 6455, section 7.1.7)
	Closes                // a Close is answered with a Close (RFC 6455, section 5.5.1)
	Either                // it may fail the connection, or stay open; it may not hang
)

// Message is a whole message.
type Message struct {
	Opcode  wire.Opcode
	Payload string
}

// String is a want in words.
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

func codeName(code int) string {
	if code == wire.CodeNone {
		return "without a code"
	}
	return fmt.Sprint(code)
}

// Frames is a Judge that runs a script. The script is made for the message that stands for any message.
func Frames(script func(message string) Script) Judge {
	return func(ctx context.Context, s *Server) (Outcome, error) {
		sc := script(s.message())
		if sc.Deflate && s.Facts.Deflate == nil {
			return Outcome{Verdict: Skip, Came: "permessage-deflate was not negotiated"}, nil
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
		r := &reaction{server: s, conn: conn, want: sc.Want, start: time.Now(), patience: max(s.Patience, sc.Patience)}
		if sc.Deflate {
			r.inflate = up.inflate
		}
		o = r.judge(ctx, sc)
		if at := slices.Index(r.messages, sc.Measured); at >= 0 && o.Verdict == Pass && r.sizes[at] < sc.Least {
			o = Outcome{Verdict: Fail, Came: fmt.Sprintf("%s in %d bytes", r.messages[at], r.sizes[at])}
		}
		o.Frames = conn.Log()
		return o, nil
	}
}

// openFor opens the connection that a script needs. Without one it returns why the check is skipped, or the error.
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
			return nil, Outcome{Verdict: Skip, Came: "the offer was declined: " + e.came()}, nil
		}
		up = &opened{Conn: &dial.Conn{Stream: e.Response.Stream}}
		up.Deflate, _ = wire.ParseDeflate(e.Response.Header.Values("Sec-WebSocket-Extensions")) // deflate.offer judges the answer
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
		return nil, Outcome{Verdict: Skip, Came: "the server did not accept this parameter"}, nil
	}
	return up, Outcome{}, nil
}

// reaction collects how the server reacts to a script.
type reaction struct {
	assembler
	server   *Server
	conn     *probe.Conn
	want     Want
	start    time.Time
	patience time.Duration
	accepted *Message // what comes back if the server takes for good what it is to refuse; nil = that cannot be known
	data     bool     // a message was sent, or the beginning of one
	token    []byte   // payload of the ping that ends the script
	trial    bool     // it is not known yet whether messages come back

	messages []Message // whole ones that came
	sizes    []uint64  // how long each of them was on the wire, bytes
	pongs    []string
	ponged   time.Duration // when the pong to token came; 0 = not yet
	close    *closing      // nil = none came
	end      error         // nil = the stream has not ended
	broken   string        // what the server itself sent that makes no sense; "" = nothing
}

// closing is a Close frame that came.
type closing struct {
	code   int
	reason string
	stated bool // the frame has a code, be it one that no frame may have
}

func (c *closing) String() string {
	text := "Close " + codeName(c.code)
	if c.stated {
		text = fmt.Sprintf("Close %d", c.code)
	}
	if c.reason != "" {
		text += fmt.Sprintf(" %q", c.reason)
	}
	return text
}

// judge runs the script and says what the reaction is worth.
func (r *reaction) judge(ctx context.Context, sc Script) Outcome {
	r.accepted = lastMessage(sc.Steps)
	r.data = slices.ContainsFunc(sc.Steps, func(f probe.Frame) bool { return f.Opcode == wire.Text || f.Opcode == wire.Binary })
	write := func() error { return r.conn.Write(sc.Steps...) }
	if sc.Held > 0 {
		rest, _ := r.conn.WriteWithout(sc.Steps[0], sc.Held) // an error shows when reading
		if r.answersEarly(ctx) {
			return Outcome{Verdict: Pass, Came: "the message is echoed in fragments while it is still being sent: it is not held in memory"}
		}
		write = func() error { return r.conn.WriteBytes(rest) }
	}
	err := write() // after an error the server has ended the connection before it had all, and reading says how
	if err == nil && r.want.Kind != Closes && !r.want.NoPing && r.server.Facts.Pongs {
		r.token = fmt.Appendf(nil, "%016x", rand.Uint64())
		r.conn.Write(probe.Ping(string(r.token)))
	}
	r.collect(ctx)
	if ctx.Err() != nil {
		return Outcome{Verdict: Skip, Came: "interrupted"}
	}
	o := r.verdict()
	o.Lost = r.end != nil && r.close == nil
	o.Malformed = r.want.Kind == Fails || r.want.Kind == Closes && !slices.Contains(r.want.Codes, 1000)
	if r.end == nil {
		r.finish()
	}
	return o
}

// mostEarly is how long an answer to the beginning of a message is awaited: a server that reads it whole first gives none.
const mostEarly = 2 * time.Second

// answersEarly reports whether the server sends the beginning of a message within a short time, and not a Close.
func (r *reaction) answersEarly(ctx context.Context) bool {
	waiting, cancel := context.WithTimeout(ctx, min(r.server.Patience, mostEarly))
	defer cancel()
	for r.close == nil {
		f, err := r.conn.Next(waiting)
		if err != nil {
			return false // if the stream has ended, reading fails again
		}
		if (f.Opcode == wire.Text || f.Opcode == wire.Binary) && !f.Fin {
			return true
		}
		r.take(f)
	}
	return false
}

// lastMessage is the message that ends with the last frame; nil = none.
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

// finish ends the connection as a client should.
func (r *reaction) finish() {
	switch {
	case r.want.NoPing, r.want.Kind == Closes && r.close == nil:
	case r.close == nil:
		r.server.leave(r.conn)
	case r.want.Kind != Closes:
		r.conn.Write(probe.Close(r.close.sendable(), ""))
	}
}

// sendable is the code that answers a Close.
func (c *closing) sendable() int {
	if wire.ValidCode(c.code) {
		return c.code
	}
	return wire.CodeNone
}

// limit is how long there may be nothing to see.
func (r *reaction) limit() time.Duration {
	switch {
	case r.ponged > 0 && (r.want.Kind == Fails || r.trial):
		return r.ponged + r.server.Grace()
	case r.want.Prompt, r.token == nil && r.want.Kind == StaysOpen:
		return r.server.Grace()
	}
	return r.patience
}

// collect reads until the reaction is complete, or there is nothing more to wait for.
func (r *reaction) collect(ctx context.Context) {
	for !r.complete() {
		waiting, cancel := context.WithDeadline(ctx, r.start.Add(r.limit()))
		f, err := r.conn.Next(waiting)
		inTime := waiting.Err() == nil
		cancel()
		if err != nil {
			if inTime {
				r.end = err
			}
			return
		}
		r.take(f)
	}
}

// complete reports whether what came decides.
func (r *reaction) complete() bool {
	if r.close != nil || r.broken != "" {
		return true
	}
	if r.ponged > 0 && r.want.Kind == Fails && r.accepted != nil && slices.Contains(r.messages, *r.accepted) {
		return true
	}
	return r.ponged > 0 && (r.want.Kind == Either || r.want.Kind == StaysOpen && len(r.missing()) == 0 && r.pongsCame())
}

// missing are the messages that an echo server still owes.
func (r *reaction) missing() []Message {
	owed := r.want.Messages
	for _, m := range r.messages {
		if len(owed) > 0 && m == owed[0] {
			owed = owed[1:]
		}
	}
	return slices.DeleteFunc(slices.Clone(owed), func(m Message) bool { return !r.server.echoes(m.Opcode) })
}

// pongsCame reports whether the pongs that are wanted came in their order.
func (r *reaction) pongsCame() bool {
	owed := r.want.Pongs
	for _, p := range r.pongs {
		if len(owed) > 0 && p == owed[0] {
			owed = owed[1:]
		}
	}
	return len(owed) == 0
}

// take notes a frame.
func (r *reaction) take(f probe.Received) {
	now := time.Since(r.start)
	switch f.Opcode {
	case wire.Close:
		code, reason := wire.ParseClose(f.Payload)
		r.close = &closing{code, string(reason), len(f.Payload) > 1}
		if len(f.Payload) == 1 {
			r.broken = "a Close frame with a payload of 1 byte"
		}
	case wire.Pong:
		if r.token != nil && bytes.Equal(f.Payload, r.token) {
			r.ponged = now
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

// String is a message in words.
func (m Message) String() string { return fmt.Sprintf("%v %s", m.Opcode, quote(m.Payload)) }

// list quotes payloads.
func list(payloads []string) string {
	if len(payloads) == 0 {
		return "none"
	}
	quoted := make([]string, len(payloads))
	for i, p := range payloads {
		quoted[i] = quote(p)
	}
	return strings.Join(quoted, ", ")
}

// shownPayload is how many bytes of a payload a report shows.
const shownPayload = 24

// quote shows a payload: text in quotes, other bytes in hex, of long ones only the length.
func quote(p string) string {
	switch {
	case len(p) > shownPayload:
		return fmt.Sprintf("of %d bytes", len(p))
	case !utf8.ValidString(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' }):
		return "0x" + hex.EncodeToString([]byte(p))
	}
	return fmt.Sprintf("%q", p)
}
