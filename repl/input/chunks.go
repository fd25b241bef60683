package input

import (
	"context"
	"errors"
	"io"

	"wsx/client"
	"wsx/client/wire"
)

// Chunks splits the input into messages: each read is one or, with Options.Size, each message has that many bytes, the last one
// possibly fewer. A large message is delivered in fragments.
type Chunks struct {
	from      *interruptible
	o         Options
	text      wire.TextCheck
	block     []byte
	start     int // block[start:filled] is read and not yet delivered
	filled    int
	started   bool // something was delivered, or no byte order mark can follow
	delivered int  // bytes of a message that is not yet finished
	number    int  // of messages begun
	err       error
}

// NewChunks reads messages of o.Size bytes from a stream.
func NewChunks(from io.Reader, o Options) *Chunks {
	return &Chunks{from: newInterruptible(from), o: o.withDefaults(), block: make([]byte, fragmentSize)}
}

// Ready reports whether enough was read for the next message, or for a fragment of it.
func (c *Chunks) Ready() bool {
	buffered := c.filled - c.start
	return buffered > 0 && buffered >= c.minBytes()
}

// minBytes returns how many bytes must be buffered before Next returns. A message that fits into the block is delivered whole.
func (c *Chunks) minBytes() int {
	switch {
	case c.o.Size > 0 && c.o.Size <= len(c.block):
		return c.o.Size
	case c.o.Size == 0 && c.o.Type == client.Text:
		return wire.Unfinished(c.block[c.start:c.filled]) + 1
	}
	return 1
}

// Next returns the next message, or a fragment of it.
func (c *Chunks) Next(ctx context.Context) (Line, error) {
	for !c.Ready() && c.err == nil {
		if err := c.read(ctx); err != nil {
			return Line{}, err
		}
	}
	if c.err != nil && !errors.Is(c.err, io.EOF) {
		return Line{}, c.err
	}
	data := c.consume()
	if len(data) == 0 && c.delivered == 0 {
		return Line{}, c.err
	}
	return c.line(data)
}

// consume removes what can be delivered now, which is nothing at the end.
func (c *Chunks) consume() []byte {
	data := c.block[c.start:c.filled]
	switch {
	case c.o.Size > 0:
		data = data[:min(len(data), c.o.Size-c.delivered)]
	case c.o.Type == client.Text && c.err == nil:
		data = data[:len(data)-wire.Unfinished(data)]
	}
	c.start += len(data)
	c.started = c.started || len(data) > 0
	return data
}

// line returns data as a fragment. Without data it is the end of a message that the input has not completed.
func (c *Chunks) line(data []byte) (Line, error) {
	if c.delivered == 0 {
		c.number++
	}
	c.delivered += len(data)
	more := len(data) > 0 && c.delivered < c.o.Size && !c.ended()
	if !more {
		c.delivered = 0
	}
	if c.o.Type == client.Text && !c.text.Valid(data, !more) {
		c.err = &RejectedLine{Name: c.o.Name, Number: 0, Reason: notUTF8, Cause: c.cause(data)}
		return Line{}, c.err
	}
	return Line{Type: c.o.Type, Data: data, Number: c.number, Partial: more}, nil
}

func (c *Chunks) ended() bool { return c.err != nil && c.start == c.filled }

func (c *Chunks) cause(data []byte) string {
	if c.o.Size > 0 {
		return NotUTF8Chunk
	}
	return NotUTF8Cause(data)
}

func (c *Chunks) read(ctx context.Context) error {
	c.filled = copy(c.block, c.block[c.start:c.filled])
	c.start = 0
	n, err := c.from.Read(ctx, c.block[c.filled:])
	c.filled += n
	if !c.started && c.o.Type == client.Text && c.filled >= len(mark) {
		c.start, c.started = c.filled-len(TrimMark(c.block[:c.filled])), true
	}
	c.err, err = c.o.ending(ctx, err)
	return err
}
