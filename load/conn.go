package load

import (
	"errors"
	"maps"
	"slices"

	"wsx/client/wire"
)

// inlineSize is the largest message in bytes that the reading goroutine writes itself: it fits into the buffers of a connection,
// while writing a longer one could block until the server reads, which may wait until its own messages are read.
const inlineSize = 8 << 10

// newConn returns a connection for an opened stream. Its buffers are as small as the messages allow: with thousands of
// connections they are most of the memory.
func (r *run) newConn(n int, up Opened) *conn {
	size := r.Message.Size()
	c := &conn{run: r, n: n, shard: r.shards[n%len(r.shards)]}
	c.frames = wire.NewConn(up.Stream, wire.Options{
		Deflate:    up.Deflate,
		MaxMessage: r.MaxMessage,
		ReadBlock:  min(max(4*size, 512), 16<<10),
		WriteBlock: min(size+16, 16<<10),
	})
	if up.State != nil {
		c.protocol = newProtocol(c, up)
	}
	return c
}

// receive reads until the connection ends.
func (c *conn) receive() {
	for {
		p, err := c.frames.Next()
		if err != nil {
			c.end(kindOf(err))
			return
		}
		switch p.Opcode {
		case wire.Ping:
			c.frames.QueueControl(wire.Pong, p.Payload)
		case wire.Close:
			c.frames.QueueControl(wire.Close, p.Payload)
			c.run.recordClose(p.Payload)
			c.end("close")
			return
		case wire.Text, wire.Binary:
			c.message(p)
		}
	}
}

// message handles a fragment, and the message once it is complete.
func (c *conn) message(p wire.Fragment) {
	now := c.run.now()
	payload := p.Payload
	if !p.First || !p.Last {
		c.partial = append(c.partial, payload...)
		if !p.Last {
			return
		}
		payload = c.partial
		c.partial = c.partial[:0]
	}
	if c.run.measured(now) {
		c.shard.in.Add(uint64(len(payload)))
	}
	if c.protocol != nil {
		c.protocol.receive(p.Opcode == wire.Binary, payload, now)
		return
	}
	c.handle(payload, now)
}

// kindOf returns the kind of the error that ended a connection, as error events name it.
func kindOf(err error) string {
	if _, ok := errors.AsType[*wire.ProtocolError](err); ok {
		return "protocol"
	}
	return "lost"
}

// end counts the connection as lost, with all messages that wait for a reply, unless the run is over.
func (c *conn) end(kind string) {
	c.mu.Lock()
	waiting := c.waiting.len() + len(c.keyed) + len(c.calls)
	joined := c.joined
	unsent := len(c.due)
	c.ended = true
	c.waiting, c.keyed, c.calls, c.due = queue{}, nil, nil, nil
	c.mu.Unlock()
	if c.protocol != nil {
		c.protocol.end()
	}
	if !joined || c.run.ending.Load() {
		return
	}
	c.run.fail(kind, max(1, waiting+unsent))
	c.run.replied(waiting + unsent)
	c.run.countLost()
}

// schedule queues a message that is due at a time, without blocking, and reports whether the connection is open.
func (c *conn) schedule(due int64) bool {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return false
	}
	c.due = append(c.due, due)
	idle := !c.sending
	c.sending = true
	c.run.pending.Add(1)
	c.mu.Unlock()
	if idle {
		c.run.senders.Go(c.sendDue)
	}
	return true
}

// sendDue sends messages until none is due.
func (c *conn) sendDue() {
	for first := true; ; first = false {
		c.mu.Lock()
		batch := c.due
		c.due, c.spare = c.spare[:0], batch
		c.sending = len(batch) > 0
		c.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if first && c.run.Rate > 0 {
			c.run.recordLate(c.shard, batch[0])
		}
		for _, due := range batch {
			c.write(due)
		}
		c.frames.Flush() // if that fails, reading fails as well
	}
}

// sendNow sends a short message at once, and schedules a longer one. The reading goroutine calls it.
func (c *conn) sendNow(now int64) {
	if c.run.Message.Size() > inlineSize {
		c.schedule(now)
		return
	}
	c.mu.Lock()
	c.run.pending.Add(1)
	if c.sending {
		c.due = append(c.due, now) // the goroutine that is sending sends it as well
		c.mu.Unlock()
		return
	}
	c.sending = true
	c.mu.Unlock()
	c.write(now)
	c.frames.Flush()
	c.mu.Lock()
	more := len(c.due) > 0
	c.sending = more
	c.mu.Unlock()
	if more {
		c.run.senders.Go(c.sendDue)
	}
}

// write records that a message waits for its reply, and writes it to the buffer of the connection.
func (c *conn) write(due int64) {
	if c.protocol != nil {
		c.protocol.call(due)
		return
	}
	message := c.run.Message
	payload := c.payload(message, due)
	c.seq++
	if !c.await(payload, due) {
		return
	}
	if c.frames.WriteMessage(message.opcode(), payload) != nil {
		return
	}
	if c.run.measured(due) {
		c.shard.sent.Add(1)
		c.shard.out.Add(uint64(len(payload)))
	}
}

// await records that a message waits for its reply, and reports whether the connection is open.
func (c *conn) await(payload []byte, due int64) bool {
	if !c.run.awaitsReplies() {
		c.sentUnanswered()
		return true
	}
	key, keyed := "", false
	if c.run.Key != nil {
		key, keyed = c.run.Key(payload)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		c.run.replied(1)
		return false
	}
	if !keyed {
		c.waiting.push(due)
		return true
	}
	if c.keyed == nil {
		c.keyed = map[string]int64{}
	}
	c.keyed[key] = due
	return true
}

// sentUnanswered counts a message that has no reply on this connection.
func (c *conn) sentUnanswered() {
	if c.run.fanout != nil {
		c.run.pending.Add(int64(c.run.fanout.active))
		c.run.fanout.sent(c, c.seq-1)
	}
	c.run.replied(1)
}

// answered returns the due time of the message that payload is the reply to.
func (c *conn) answered(payload []byte) (due int64, found bool) {
	key, keyed := "", false
	if c.run.Key != nil {
		if key, keyed = c.run.Key(payload); !keyed {
			return 0, false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !keyed {
		return c.waiting.pop()
	}
	if due, found = c.keyed[key]; found {
		delete(c.keyed, key)
	}
	return due, found
}

// unanswered returns the due times of the measured messages that wait to be sent or for a reply. In the closed model it
// includes those of the warm-up: a connection that waits for one of their replies sends nothing while measuring.
func (c *conn) unanswered() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := append(slices.Clone(c.waiting.items[c.waiting.head:]), c.due...)
	all = slices.AppendSeq(all, maps.Values(c.keyed))
	all = slices.AppendSeq(all, maps.Values(c.calls))
	return slices.DeleteFunc(all, func(due int64) bool {
		return !c.run.measured(due) && (c.run.Rate > 0 || due >= c.run.to.Load())
	})
}

// startClose sends a Close frame.
func (c *conn) startClose() {
	send := func() { c.frames.QueueControl(wire.Close, wire.ClosePayload(1000, "")) }
	if c.protocol == nil {
		send()
		return
	}
	c.protocol.sendClosingMessages(send)
}
