package servertest

import (
	"io"
	"net/http"
	"strings"
	"time"
)

func echo(c *conn) {
	c.upgrade(nil)
	c.echo()
}

func delay(c *conn) {
	c.upgrade(nil)
	c.handleFrames(func(f frame) {
		if f.opcode() < opClose {
			c.sleep(c.durationParam("ms", 500))
			c.writeFrame(f.first, string(f.payload))
		}
	})
}

func dribble(c *conn) {
	c.upgrade(nil)
	c.out.Reset(byteByByte{c.tcp})
	c.echo()
}

// byteByByte writes each byte separately, so that each is a TCP segment unless the kernel joins them.
type byteByByte struct{ io.Writer }

func (w byteByByte) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := w.Writer.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// sink reads and discards frames, with ?bytes_per_s= at a limited rate in steps of 100 ms.
func sink(c *conn) {
	c.upgrade(nil)
	if rate := c.intParam("bytes_per_s", 0); rate > 0 {
		const tick = 100 * time.Millisecond
		c.tcp.SetReadBuffer(max(rate/10, 1))
		c.in.Reset(&slowReader{c, max(int(int64(rate)*int64(tick)/int64(time.Second)), 1), tick})
	}
	c.handleFrames(func(frame) {})
}

// slowReader reads at most some bytes in each interval.
type slowReader struct {
	c     *conn
	bytes int
	every time.Duration
}

func (s *slowReader) Read(p []byte) (int, error) {
	s.c.sleep(s.every)
	return s.c.tcp.Read(p[:min(len(p), s.bytes)])
}

// record joins fragments: /received lists messages.
func record(c *conn) {
	id := c.query.Get("id")
	c.upgrade(nil)
	var message Message
	add := func(f frame) {
		switch op := f.opcode(); {
		case op >= opClose:
			c.server.record(id, Message{opcodeName(op), f.payload})
			return
		case op != opContinuation:
			message = Message{Type: opcodeName(op)}
		}
		message.Payload = append(message.Payload, f.payload...)
		if f.first&finBit != 0 {
			c.server.record(id, message)
		}
	}
	if c.param("then", "silent") == "echo" {
		c.handleFrames(func(f frame) { add(f); c.echoFrame(f) })
		return
	}
	c.handleFrames(add)
}

// received prints the type and the payload of each message. A payload that is not plain text is quoted as Go does.
func received(c *conn) {
	var lines strings.Builder
	for _, m := range c.server.Received(c.query.Get("id")) {
		lines.WriteString(m.String() + "\n")
	}
	c.respond(http.StatusOK, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, lines.String())
}
