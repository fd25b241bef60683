package client

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"wsx/client/wire"
)

// plan is what the server of a model does with a connection. It reads each frame from the stream by itself, without a buffer, so
// that what it has not read was not written.
type plan struct {
	messages  int           // the number of messages after which it cuts the connection; more than are sent = it does not
	delivered int           // the number of them that arrive; those that follow are lost on the way, with the Pings and the Close after them
	cut       int           // bytes of the next payload that are read as well, but not all
	idle      time.Duration // it cuts the connection after so much time without a frame; 0 = it does not
	pause     time.Duration // before it reads a message in ten
	pongs     bool          // it answers Pings
	talks     bool          // it sends messages, which the session answers
}

const unlimited = 1 << 30

// newPlans returns plans for the connections of a session: all are lost but the last.
func newPlans(random *rand.Rand) []plan {
	plans := make([]plan, 1+random.IntN(6))
	for i := range plans {
		p := plan{messages: random.IntN(60), delivered: unlimited, cut: random.IntN(200), pongs: random.IntN(5) > 0, talks: random.IntN(2) > 0}
		switch random.IntN(4) {
		case 0:
			p.delivered, p.idle = random.IntN(p.messages+1), 10*time.Second // what is lost is noticed some time
		case 1:
			p.idle = time.Duration(1 + random.IntN(int(3*time.Second)))
		}
		switch random.IntN(6) {
		case 0:
			p.messages = unlimited // if it has no idle time it is the last one
		case 1:
			p.messages = random.IntN(2 * maxQueued)
		case 2:
			p.pause = time.Duration(random.IntN(int(3 * time.Second)))
		}
		plans[i] = p
	}
	last := &plans[len(plans)-1]
	*last = plan{messages: unlimited, delivered: unlimited, pongs: random.IntN(8) > 0, talks: last.talks}
	return plans
}

// modelFrame is a frame that the server has read.
type modelFrame struct {
	opcode  wire.Opcode
	last    bool
	payload []byte
}

// readFrame reads one frame and nothing after it. If cut is not negative, it reads at most cut bytes of the payload, and not
// the last one.
func readFrame(stream io.Reader, cut int) (f modelFrame, err error) {
	var head [8]byte
	if _, err := io.ReadFull(stream, head[:2]); err != nil {
		return f, err
	}
	f.opcode, f.last = wire.Opcode(head[0]&0xf), head[0]&0x80 != 0
	size := int(head[1] & 0x7f)
	switch size {
	case 126:
		_, err = io.ReadFull(stream, head[:2])
		size = int(binary.BigEndian.Uint16(head[:]))
	case 127:
		_, err = io.ReadFull(stream, head[:])
		size = int(binary.BigEndian.Uint64(head[:]))
	}
	if err != nil {
		return f, err
	}
	if cut >= 0 && size == 0 {
		return f, io.ErrUnexpectedEOF
	}
	mask := make([]byte, 4)
	if _, err := io.ReadFull(stream, mask); err != nil {
		return f, err
	}
	if cut >= 0 {
		size = min(cut, size-1)
	}
	f.payload = make([]byte, size)
	_, err = io.ReadFull(stream, f.payload)
	for i := range f.payload {
		f.payload[i] ^= mask[i%4]
	}
	return f, err
}

// serve does with a connection what is planned.
func (m *model) serve(c *modelConn, stream net.Conn) {
	out := newModelWriter(stream)
	defer func() { c.ended = time.Now() }()
	defer out.close()
	var message []byte // what was read of the message in fragments
	inMessage := false
	for {
		if c.idle > 0 {
			stream.SetReadDeadline(time.Now().Add(c.idle))
		}
		if len(c.whole) >= c.messages {
			stream.SetReadDeadline(time.Now().Add(time.Second))
			readFrame(stream, c.cut)
			return
		}
		f, err := readFrame(stream, -1)
		if err != nil {
			return
		}
		switch arrives := len(c.whole) <= c.delivered; f.opcode {
		case wire.Ping:
			if c.pongs && arrives {
				m.pong(c, out, f.payload)
			}
		case wire.Close:
			if !arrives {
				return
			}
			m.checkClose(c)
			out.write(wire.Close, f.payload, func() { c.answered = true })
			return
		default:
			if (f.opcode == wire.Continuation) != inMessage {
				m.t.Errorf("connection %d: a %v frame, in a message: %v", c.number, f.opcode, inMessage)
			}
			message, inMessage = append(message, f.payload...), !f.last
			if f.last {
				m.receive(c, out, message)
				message = nil
			}
		}
	}
}

// receive records a message that was read, and does what follows.
func (m *model) receive(c *modelConn, out *modelWriter, message []byte) {
	k := key(message)
	m.mu.Lock()
	if msg := m.messages[k]; msg != nil && !bytes.Equal(msg.payload, message) {
		m.t.Errorf("connection %d: %s has %d bytes, want %d: %.200q", c.number, k, len(message), len(msg.payload), message)
	} else if msg == nil && k[0] != replyKind {
		m.t.Errorf("connection %d: %.200q was not sent", c.number, message)
	}
	m.mu.Unlock()
	c.whole = append(c.whole, k)
	if n := len(c.whole); c.pause > 0 && n%10 == 0 && n < 200 {
		time.Sleep(c.pause)
	}
	if n := len(c.whole); c.talks && n%7 == 0 && n < 200 { // two at once: one may be received after a write has failed
		a, b := fmt.Sprintf("a%d-%d:", c.number, n), fmt.Sprintf("a%d-%d:%s", c.number, n+1, strings.Repeat("x", n%2))
		out.writeBytes(append(frameBytes(wire.Text, []byte(a)), frameBytes(wire.Text, []byte(b))...), nil)
	}
}

// pong answers a Ping. When the session has received the answer, it knows that the messages before a probe have arrived.
func (m *model) pong(c *modelConn, out *modelWriter, payload []byte) {
	before, probed := m.upto(string(payload))
	if probed && before > len(c.whole) {
		m.t.Errorf("connection %d: a probe would confirm %d messages, but is sent after %d", c.number, before, len(c.whole))
	}
	c.offered = max(c.offered, before)
	out.write(wire.Pong, payload, func() {
		if probed && c.pong.IsZero() {
			c.pong = time.Now()
		}
		c.confirmed = max(c.confirmed, before)
	})
}

// upto returns how many messages the Pong of a probe confirms, and reports whether a Ping is a probe that the session waits for.
func (m *model) upto(payload string) (int, bool) {
	p := &m.session.conn.Load().probes
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.outstanding {
		if one.data == payload {
			return int(one.upto), true
		}
	}
	return 0, false
}

// checkClose fails the test if a session is closed before everything is confirmed, although the server answers Pings.
func (m *model) checkClose(c *modelConn) {
	if m.ending != closesAtTheEnd || !c.pongs {
		return
	}
	for i, k := range c.whole[min(c.offered, len(c.whole)):] {
		if k[0] != replyKind {
			m.t.Errorf("connection %d: Close before %s, message %d, is confirmed", c.number, k, c.offered+i+1)
		}
	}
}

// modelWriter writes the frames of a server in a goroutine of its own: a session may write before it reads.
type modelWriter struct {
	stream net.Conn
	frames chan modelWrite
	done   chan struct{}
}

type modelWrite struct {
	bytes    []byte
	received func() // called when the session has read all of it; nil = nothing is called
}

func newModelWriter(stream net.Conn) *modelWriter {
	w := &modelWriter{stream, make(chan modelWrite, 1000), make(chan struct{})}
	go w.run() // ended by close
	return w
}

func (w *modelWriter) run() {
	defer close(w.done)
	for f := range w.frames {
		if _, err := w.stream.Write(f.bytes); err == nil && f.received != nil {
			f.received()
		}
	}
}

// write writes a control frame.
func (w *modelWriter) write(op wire.Opcode, payload []byte, received func()) {
	w.writeBytes(frameBytes(op, payload), received)
}

func (w *modelWriter) writeBytes(b []byte, received func()) { w.frames <- modelWrite{b, received} }

// close closes the stream once the session has read what was written, but waits at most a second for that.
func (w *modelWriter) close() {
	w.stream.SetWriteDeadline(time.Now().Add(time.Second))
	close(w.frames)
	<-w.done
	w.stream.Close()
}

// frameBytes returns a frame of a server.
func frameBytes(op wire.Opcode, payload []byte) []byte {
	return append([]byte{0x80 | byte(op), byte(len(payload))}, payload...)
}
