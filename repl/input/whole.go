package input

import (
	"context"
	"errors"
	"io"
	"slices"

	"wsx/client"
	"wsx/client/wire"
)

// fragmentSize is the size of the fragments of a message that is too long to be held whole, in bytes.
const fragmentSize = 64 << 10

// Whole delivers the whole input as one message: in one line if it has at most Options.Whole bytes, else in fragments. Empty
// input is an empty message.
type Whole struct {
	from       *interruptible
	o          Options
	text       wire.TextCheck
	held       []byte // what was read and not delivered
	started    bool   // something was delivered
	fragmented bool   // the message is longer than one line may be
	err        error  // how reading ended
	done       bool   // the end of the message was delivered
}

// NewWhole reads a stream as one message.
func NewWhole(from io.Reader, o Options) *Whole {
	return &Whole{from: newInterruptible(from), o: o.withDefaults()}
}

// Ready reports whether another fragment has been read.
func (s *Whole) Ready() bool { return s.fragmented && len(s.held) > fragmentSize }

// Next returns the message, or the next fragment of it.
func (s *Whole) Next(ctx context.Context) (Line, error) {
	if s.done {
		return Line{}, s.err
	}
	if err := s.read(ctx); err != nil {
		return Line{}, err
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		s.done = true
		return Line{}, s.err
	}
	if !s.started && s.o.Type == client.Text {
		s.held = TrimMark(s.held)
	}
	s.started = true
	data := s.held
	if s.fragmented {
		data = data[:min(len(data), fragmentSize)]
	}
	s.held = s.held[len(data):]
	more := len(s.held) > 0 || s.err == nil
	if s.o.Type == client.Text && !s.text.Valid(data, !more) {
		s.done, s.err = true, &RejectedLine{Name: s.o.Name, Reason: notUTF8, Cause: NotUTF8Cause(data)}
		return Line{}, s.err
	}
	s.done = !more
	return Line{Type: s.o.Type, Data: data, Partial: more}, nil
}

// read reads until the input has ended or is too long for one line. In the second case it then reads only the next fragment,
// and one byte more to know whether that is the last.
func (s *Whole) read(ctx context.Context) error {
	for s.err == nil {
		if s.fragmented = s.fragmented || len(s.held) > s.o.Whole; s.fragmented && len(s.held) > fragmentSize {
			return nil
		}
		if cap(s.held)-len(s.held) < fragmentSize {
			s.held = slices.Grow(s.held, max(2*fragmentSize, len(s.held)))
		}
		n, err := s.from.Read(ctx, s.held[len(s.held):cap(s.held)])
		s.held = s.held[:len(s.held)+n]
		if s.err, err = s.o.ending(ctx, err); err != nil {
			return err
		}
	}
	return nil
}
