package server

import (
	"context"
	"io"

	"github.com/coder/websocket"
)

// echoWhole is up to which size a message is read whole before it is answered, bytes: a client that cannot read
// while it writes still gets its answer, in one frame. What is longer is answered while it comes.
const echoWhole = 16 << 20

func startEcho(Options) func(*session) error { return echo }

// echo answers each message with itself, until the client is gone. Reading and writing are one loop, so a
// client that does not read is not read from either.
func echo(c *session) error {
	var buffer []byte
	for {
		typ, p, rest, err := c.next(buffer, echoWhole)
		if err != nil {
			return err
		}
		if rest == nil {
			err = c.say(typ, p)
		} else {
			err = echoLong(c, typ, p, rest)
		}
		if err != nil {
			return err
		}
		buffer = p
		if cap(p) > keptBuffer {
			buffer = nil
		}
	}
}

// echoLong answers a message that begins with p while the rest of it arrives. Its UTF-8 is not checked.
func echoLong(c *session, typ websocket.MessageType, p []byte, rest io.Reader) error {
	w, err := c.conn.Writer(context.Background(), typ)
	if err != nil {
		return err
	}
	size := int64(len(p))
	if _, err := w.Write(p); err != nil {
		return err
	}
	n, err := io.CopyBuffer(w, rest, p)
	if err != nil {
		return err
	}
	c.streamed(typ, size+n)
	return w.Close()
}
