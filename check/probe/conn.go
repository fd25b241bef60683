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
	end    error         // the reason, valid once ended is closed
	done   chan struct{} // closed by Close
	reader sync.WaitGroup

	mu  sync.Mutex // guards the field below
	log []wire.Trace
}

// NewConn returns a Conn that reads frames from the beginning of a stream. The caller calls Close.
func NewConn(stream io.ReadWriteCloser) *Conn {
	c := &Conn{
		stream: stream, frames: make(chan Received, 64), ended: make(chan struct{}), done: make(chan struct{}),
	}
	c.reader.Go(c.read)
	return c
}

// Close closes the stream and waits for the reading goroutine to end.
func (c *Conn) Close() {
	close(c.done)
	c.stream.Close()
	c.reader.Wait()
}

// read reads frames until the end of the stream or a frame longer than maxPayload.
func (c *Conn) read() {
	defer close(c.ended)
	var buffered []byte
	block := make([]byte, 16<<10)
	for {
		n, err := c.stream.Read(block)
		buffered = append(buffered, block[:n]...)
		for {
			f, size := ParseFrame(buffered)
			if size == 0 {
				break
			}
			buffered = buffered[size:]
			c.addTrace(f.trace())
			select {
			case c.frames <- f:
			case <-c.done:
				return
			}
		}
		if f, _, n := parseHeader(buffered); n > 0 && f.Length > maxPayload {
			c.end = fmt.Errorf("a frame of %d bytes", f.Length)
			return
		}
		if err != nil {
			c.end = err
			return
		}
	}
}

// ParseFrame returns the first frame of b and its size; 0 = it is incomplete.
func ParseFrame(b []byte) (f Received, size int) {
	f, key, n := parseHeader(b)
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

// writeTimeout bounds a write, which blocks while the server does not read.
const writeTimeout = 10 * time.Second

// Write writes frames at once, except those with a ChunkSize.
func (c *Conn) Write(frames ...Frame) error {
	var together []byte
	for _, f := range frames {
		key := f.key()
		c.addTrace(f.trace(key))
		if f.ChunkSize == 0 {
			together = f.appendTo(together, key)
			continue
		}
		if err := c.WriteBytes(together); err != nil {
			return err
		}
		together = nil
		rest := f.appendTo(nil, key)
		for len(rest) > 0 {
			n := min(f.ChunkSize, len(rest))
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

// WriteWithout writes a frame except its last held bytes, and returns those.
func (c *Conn) WriteWithout(f Frame, held int) (rest []byte, err error) {
	key := f.key()
	c.addTrace(f.trace(key))
	b := f.appendTo(nil, key)
	at := len(b) - held
	return b[at:], c.WriteBytes(b[:at])
}

// WriteBytes writes bytes as they are. It returns an error if the server does not read them within writeTimeout.
func (c *Conn) WriteBytes(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	timer := time.AfterFunc(writeTimeout, func() { c.stream.Close() })
	defer timer.Stop()
	_, err := c.stream.Write(b)
	return err
}

// Next returns the next frame, or the error that ended the stream or that of ctx.
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
	select { // a frame may have been received before the end
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

// maxLog is the largest number of frames of a connection that are kept for the report.
const maxLog = 200

func (c *Conn) addTrace(t wire.Trace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.log) < maxLog {
		c.log = append(c.log, t)
	}
}

// tracedBytes is the number of payload bytes that a trace has at most.
const tracedBytes = 32

func (f Frame) trace(key [4]byte) wire.Trace {
	length := int64(len(f.Payload))
	if f.Claim != 0 {
		length = int64(f.Claim)
	}
	return wire.Trace{
		Out: true, Time: time.Now(), Fin: !f.NotFinal, Rsv: f.RSV, Opcode: f.Opcode, Length: length, Masked: !f.Unmasked, Mask: key,
		Head: f.Payload[:min(len(f.Payload), tracedBytes)], Inflated: length,
	}
}

func (f Received) trace() wire.Trace {
	return wire.Trace{
		Time: time.Now(), Fin: f.Fin, Rsv: f.RSV, Opcode: f.Opcode, Length: int64(f.Length), Masked: f.Masked,
		Head: f.Payload[:min(len(f.Payload), tracedBytes)], Inflated: int64(f.Length),
	}
}

// WriteTo writes a frame on a stream that no Conn reads.
func WriteTo(w io.Writer, f Frame) error {
	_, err := w.Write(f.appendTo(nil, f.key()))
	return err
}

// ParseFrames returns the complete frames at the beginning of b.
func ParseFrames(b []byte) []Received {
	var frames []Received
	for {
		f, n := ParseFrame(b)
		if n == 0 {
			return frames
		}
		frames, b = append(frames, f), b[n:]
	}
}

// Bytes returns frames as they are written.
func Bytes(frames ...Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.appendTo(b, f.key())
	}
	return b
}
