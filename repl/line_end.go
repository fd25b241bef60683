package repl

import (
	"bytes"
	"context"
	"errors"

	"wsx/terminal"
)

// lineEnds returns the line ends by name.
func lineEnds() map[string]string {
	return map[string]string{"none": "", "crlf": "\r\n", "lf": "\n", "nul": "\x00"}
}

// LineEndNames returns the names of line ends.
func LineEndNames() []string { return []string{"none", "crlf", "lf", "nul"} }

// lineEnd returns what ends each message that is made from a line.
func (r *REPL) lineEnd() string { return lineEnds()[*r.lineEndName.Load()] }

var errLineEnd = errors.New("expected crlf, lf, nul or none")

// eolCommand sets what ends each message that is made from a line.
func (r *REPL) eolCommand(_ context.Context, arg string) error {
	switch _, known := lineEnds()[arg]; {
	case arg == "":
		return r.Output.Status(*r.lineEndName.Load())
	case !known:
		return errLineEnd
	}
	r.lineEndName.Store(&arg)
	return nil
}

func lineEndWords(string) []terminal.Candidate { return candidates(LineEndNames()...) }

// endLine appends what ends a message to the line that it is made from.
func (r *REPL) endLine(data []byte) []byte {
	if end := r.lineEnd(); end != "" {
		return append(bytes.Clone(data), end...)
	}
	return data
}
