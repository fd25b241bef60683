package input

import (
	"context"
	"errors"
	"io"
)

// Sequence delivers one source after another.
type Sequence struct {
	sources []Source
}

// NewSequence returns a source of all lines of the first source, then those of the second, and so on.
func NewSequence(sources ...Source) *Sequence { return &Sequence{sources} }

// Ready reports whether the current source is ready. At its end it is false, since the next source may block.
func (s *Sequence) Ready() bool { return len(s.sources) > 0 && s.sources[0].Ready() }

// Next returns the next line of the first source that has one.
func (s *Sequence) Next(ctx context.Context) (Line, error) {
	for len(s.sources) > 0 {
		line, err := s.sources[0].Next(ctx)
		if !errors.Is(err, io.EOF) {
			return line, err
		}
		s.sources = s.sources[1:]
	}
	return Line{}, io.EOF
}
