package render

import "io"

// streamedText writes long text while it is being produced, so that it is never held whole in memory.
type streamedText struct {
	to  io.Writer // nil = it is held
	err error     // of the first write that failed
}

// streamSize is how much text is held before it is written, in bytes.
const streamSize = 64 << 10

// flush returns text, or an empty one after it was written.
func (s *streamedText) flush(text []byte) []byte {
	if s.to == nil || len(text) < streamSize {
		return text
	}
	if _, err := s.to.Write(text); s.err == nil {
		s.err = err
	}
	return text[:0]
}
