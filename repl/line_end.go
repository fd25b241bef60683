package repl

import (
	"bytes"
	"context"
	"errors"
)

// lineEnds returns the line ends by name.
func lineEnds() map[string]string {
	return map[string]string{"none": "", "crlf": "\r\n", "lf": "\n", "nul": "\x00"}
}

// LineEndNames returns the names of line ends.
func LineEndNames() []string { return []string{"none", "crlf", "lf", "nul"} }

// lineEnd returns what ends each message that is made from a line.
func (s *state) lineEnd() string { return lineEnds()[*s.lineEndName.Load()] }

var errLineEnd = errors.New("expected crlf, lf, nul or none")

// eolCommand sets what ends each message that is made from a line.
func (s *state) eolCommand(_ context.Context, arg string) error {
	switch _, known := lineEnds()[arg]; {
	case arg == "":
		return s.Output.Status(*s.lineEndName.Load())
	case !known:
		return errLineEnd
	}
	s.lineEndName.Store(&arg)
	return nil
}

// endLine appends what ends a message to the line that it is made from.
func (s *state) endLine(data []byte) []byte {
	if end := s.lineEnd(); end != "" {
		return append(bytes.Clone(data), end...)
	}
	return data
}
