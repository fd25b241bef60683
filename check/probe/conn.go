package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"wsx/client/wire"
)

// Conn writes frames to an upgraded stream and reads frames from it. One goroutine at a time may use it.
type Conn struct {
	stream io.ReadWriteCloser
	frames chan Received
	ended  chan struct{} // closed when reading has ended
	end    error         // why, valid once ended is closed
	done   chan struct{} // closed by Close
	reader sync.WaitGroup

	mu  sync.Mutex // guards the field below
	log []wire.Trace
}

// NewConn starts to read frames from a stream that begins with the first frame. Close ends that.
func NewConn(stream io.ReadWriteCloser) *Conn {
	c := &Conn{
		stream: stream, frames: make(chan Received, 64), ended: make(chan struct{}), done: make(chan struct{}),
	}
	c.reader.Go(c.read)
	return c
}

// Close closes the stream and waits until nothing reads it any more.
func (c *Conn) Close() {
	close(c.done)
	c.stream.Close()
	c.reader.Wait()
}

// read hands on frames until the stream ends or makes no sense.
func (c *Conn) read() {
	defer close(c.ended)
	var held []byte
	block := make([]byte, 16<<10)
	for {
		n, err := c.stream.Read(block)
		held = append(held, block[:n]...)
		for {
			f, size := cut(held)
			if size == 0 {
				break
			}
			held = held[size:]
			c.note(f.trace())
			select {
			case c.frames <- f:
			case <-c.done:
				return
			}
		}
		if f, _, n := parse(held); n > 0 && f.Length > maxPayload {
			c.end = fmt.Errorf("a frame of %d bytes", f.Length)
			return
		}
		if err != nil {
			c.end = err
			return
		}
	}
}

// cut takes the first frame off b, and returns its size; 0 = it is not there whole.
func cut(b []byte) (Received, int) {
	f, key, n := parse(b)
	if n == 0 || f.Length > uint64(len(b)-n) {
		return f, 0
	}
	f.Payload = bytes.Clone(b[n : n+int(f.Length)])
	if f.Masked {
		for i := range f.Payload {
			f.Payload[i] ^= key[i&3]
		}
	}
	return f, n + int(f.Length)
}

// chunkPause lets the server read one chunk before the next is written.
const chunkPause = 2 * time.Millisecond

// writeLimit is how long a server may leave what was written unread.
const writeLimit = 10 * time.Second

// Write writes frames: together, but for those that are to be written in chunks.
func (c *Conn) Write(frames ...Frame) error {
	var together []byte
	for _, f := range frames {
		key := f.key()
		c.note(f.trace(key))
		if f.Apart == 0 {
			together = f.appendTo(together, key)
			continue
		}
		if err := c.WriteBytes(together); err != nil {
			return err
		}
		together = nil
		rest := f.appendTo(nil, key)
		for len(rest) > 0 {
			n := min(f.Apart, len(rest))
			if err := c.WriteBytes(rest[:n]); err != nil {
				return err
			}
			if rest = rest[n:]; len(rest) > 0 {
				time.Sleep(chunkPause)
			}
		}
	}
	return c.WriteBytes(together)
}

// WriteWithout writes a frame but for its last bytes, and returns these.
func (c *Conn) WriteWithout(f Frame, held int) (rest []byte, err error) {
	key := f.key()
	c.note(f.trace(key))
	b := f.appendTo(nil, key)
	at := len(b) - held
	return b[at:], c.WriteBytes(b[:at])
}

// WriteBytes writes bytes as they are. A server that does not read them is an error after some time.
func (c *Conn) WriteBytes(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	stuck := time.AfterFunc(writeLimit, func() { c.stream.Close() })
	defer stuck.Stop()
	_, err := c.stream.Write(b)
	return err
}

// Next returns the next frame. It fails with the error that ended the stream, or when ctx ends.
func (c *Conn) Next(ctx context.Context) (Received, error) {
	select {
	case f := <-c.frames:
		return f, nil
	default:
	}
	select {
	case f := <-c.frames:
		return f, nil
	case <-ctx.Done():
		return Received{}, context.Cause(ctx)
	case <-c.ended:
	}
	select { // what came before the end
	case f := <-c.frames:
		return f, nil
	default:
		return Received{}, c.end
	}
}

// Log returns the frames written and read so far.
func (c *Conn) Log() []wire.Trace {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log
}

// maxLog is how many frames of a connection are kept for the report.
const maxLog = 200

func (c *Conn) note(t wire.Trace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.log) < maxLog {
		c.log = append(c.log, t)
	}
}

// headLength is how much of a payload a trace shows, in bytes.
const headLength = 32

func (f Frame) trace(key [4]byte) wire.Trace {
	length := int64(len(f.Payload))
	if f.Claim != 0 {
		length = int64(f.Claim)
	}
	return wire.Trace{
		Out: true, Time: time.Now(), Fin: !f.More, Rsv: f.RSV, Opcode: f.Opcode, Length: length, Masked: !f.Unmasked, Mask: key,
		Head: f.Payload[:min(len(f.Payload), headLength)], Inflated: length,
	}
}

func (f Received) trace() wire.Trace {
	return wire.Trace{
		Time: time.Now(), Fin: f.Fin, Rsv: f.RSV, Opcode: f.Opcode, Length: int64(f.Length), Masked: f.Masked,
		Head: f.Payload[:min(len(f.Payload), headLength)], Inflated: int64(f.Length),
	}
}

// WriteTo writes a frame on a stream that no Conn reads.
func WriteTo(w io.Writer, f Frame) error {
	_, err := w.Write(f.appendTo(nil, f.key()))
	return err
}

// Cut takes whole frames off the beginning of b.
func Cut(b []byte) []Received {
	var frames []Received
	for {
		f, n := cut(b)
		if n == 0 {
			return frames
		}
		frames, b = append(frames, f), b[n:]
	}
}

// CutOne takes the first frame off b, and returns its size; 0 = it is not there whole.
func CutOne(b []byte) (f Received, size int) { return cut(b) }

// Bytes are frames as they are written.
func Bytes(frames ...Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.appendTo(b, f.key())
	}
	return b
}
