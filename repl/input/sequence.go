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

// NewSequence delivers all that the first source has, then the second's.
func NewSequence(sources ...Source) *Sequence { return &Sequence{sources} }

// Ready reports whether the current source is ready. At its end it is not, as the next one may have to wait.
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
