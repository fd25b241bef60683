package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// streams decompresses streams that span messages, in both directions.
type streams struct {
	options    Options
	open       func(from io.Reader, o Options) (to io.Reader, close func(), err error)
	directions [2]*stream // received, sent; nil = no message yet
}

func newZlibStream(o Options) sessionDecoder {
	return &streams{options: o, open: func(from io.Reader, _ Options) (io.Reader, func(), error) {
		r, err := zlib.NewReader(from)
		return r, func() {}, err
	}}
}

func newZstdStream(o Options) sessionDecoder {
	return &streams{options: o, open: func(from io.Reader, o Options) (io.Reader, func(), error) {
		r, err := zstd.NewReader(from, zstdDecoderOptions(o)...)
		if err != nil {
			return nil, nil, err
		}
		return r, r.Close, nil
	}}
}

// decode writes the output for a message, which is empty if the message does not end with a flush. After the end of a stream, or an
// error, the next message begins another stream.
func (s *streams) decode(w *writer, m Message) error {
	direction := directionOf(m.Sent)
	current := s.directions[direction]
	if current == nil {
		current = newStream(s.options, s.open)
		s.directions[direction] = current
	}
	text, err := current.feed(w.ctx, m.Data)
	if current.err != nil {
		current.close()
		s.directions[direction] = nil
	}
	if err != nil {
		return err
	}
	if len(text) > 0 {
		w.rawBytes(text)
		w.end()
	}
	return w.err
}

func directionOf(sent bool) int {
	if sent {
		return 1
	}
	return 0
}

func (s *streams) pending(sent bool) int {
	if current := s.directions[directionOf(sent)]; current != nil {
		return current.waiting
	}
	return 0
}

func (s *streams) close() {
	for i, current := range s.directions {
		if current != nil {
			current.close()
			s.directions[i] = nil
		}
	}
}

// stream reads one compressed stream. The readers of the libraries block for their input, so they run in a coroutine that yields when
// they need the next message.
type stream struct {
	limit int
	next  func() ([]byte, bool)
	stop  func()

	ctx     context.Context
	in, out []byte
	waiting int   // number of bytes of input since the last output
	err     error // why the stream ended; nil = it has not
}

var (
	errStreamStopped = errors.New("the session ended")
	errStreamEnd     = errors.New("bytes follow the end of the stream")
)

func newStream(o Options, open func(io.Reader, Options) (io.Reader, func(), error)) *stream {
	s := &stream{limit: int(min(o.limit(), 1<<40))}
	s.next, s.stop = iter.Pull(func(yield func([]byte) bool) {
		s.err = s.read(&streamInput{s, yield}, o, open)
	})
	return s
}

// feed returns the output of the stream after more input.
func (s *stream) feed(ctx context.Context, data []byte) ([]byte, error) {
	s.ctx, s.in, s.out = ctx, data, nil
	if out, ok := s.next(); ok {
		if s.waiting += len(data); len(out) > 0 {
			s.waiting = 0
		}
		return out, nil
	}
	if errors.Is(s.err, io.EOF) && len(s.in) == 0 {
		return s.out, nil
	}
	if errors.Is(s.err, io.EOF) {
		return nil, errStreamEnd
	}
	return nil, s.err
}

func (s *stream) close() { s.stop() }

// read reads the stream to its end.
func (s *stream) read(from io.Reader, o Options, open func(io.Reader, Options) (io.Reader, func(), error)) error {
	reader, closeReader, err := open(from, o)
	if err != nil {
		return err
	}
	defer closeReader()
	block := make([]byte, 32<<10)
	for polled := 0; ; {
		n, err := reader.Read(block)
		s.out = append(s.out, block[:n]...)
		switch {
		case err != nil:
			return err
		case len(s.out) > s.limit:
			return fmt.Errorf("it inflates to more than %d bytes", s.limit)
		case len(s.out)-polled > bytesPerPoll:
			if polled = len(s.out); s.ctx.Err() != nil {
				return s.ctx.Err()
			}
		}
	}
}

// streamInput is the input of a stream. Read yields for the next message when all input has been read.
type streamInput struct {
	s     *stream
	yield func([]byte) bool
}

func (i *streamInput) Read(p []byte) (int, error) {
	for len(i.s.in) == 0 {
		if !i.yield(i.s.out) {
			return 0, errStreamStopped
		}
	}
	n := copy(p, i.s.in)
	i.s.in = i.s.in[n:]
	return n, nil
}
