package input

import (
	"context"
	"errors"
	"io"

	"wsx/client"
)

// pieceSize is what a piece of a large message has at most.
const pieceSize = 64 << 10

// Whole says all of the input as one message, in pieces when it is large. Input without a byte is an
// empty message.
type Whole struct {
	from  *interruptible
	o     Options
	text  characters
	piece []byte // full, and delivered once it is known whether more follows
	ahead []byte
	err   error // how reading ended
	said  bool  // the end of the message was delivered
}

// NewWhole says all that from has as one message.
func NewWhole(from io.Reader, o Options) *Whole {
	return &Whole{from: newInterruptible(from), o: o.withDefaults()}
}

// Ready is never true: more input has to be waited for, or has ended.
func (s *Whole) Ready() bool { return false }

// Next returns the next piece.
func (s *Whole) Next(ctx context.Context) (Line, error) {
	if s.said {
		return Line{}, s.err
	}
	if err := s.fill(ctx, &s.piece); err != nil {
		return Line{}, err
	}
	if err := s.fill(ctx, &s.ahead); err != nil {
		return Line{}, err
	}
	more := len(s.ahead) > 0
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		s.said = true
		return Line{}, s.err
	}
	if s.o.Type == client.Text && !s.text.valid(s.piece, !more) {
		s.said, s.err = true, &RejectedLine{Name: s.o.Name, Reason: notUTF8, Advice: sendBinary}
		return Line{}, s.err
	}
	s.said = !more
	said := s.piece
	s.piece, s.ahead = s.ahead, s.piece[:0]
	return Line{Type: s.o.Type, Data: said, Partial: more}, nil
}

// fill reads until the piece is full or the input has ended.
func (s *Whole) fill(ctx context.Context, piece *[]byte) error {
	if *piece == nil {
		*piece = make([]byte, 0, pieceSize)
	}
	for len(*piece) < pieceSize && s.err == nil {
		n, err := s.from.Read(ctx, (*piece)[len(*piece):pieceSize])
		*piece = (*piece)[:len(*piece)+n]
		if s.err, err = s.o.ending(ctx, err); err != nil {
			return err
		}
	}
	return nil
}
