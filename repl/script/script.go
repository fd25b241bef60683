// Package script runs scripts: files of lines to send, and of expectations of what is received.
//
// A script is a source of lines like a pipe, but some of its lines are expectations, which are waited for.
package script

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// Script is a parsed script.
type Script struct {
	name  string
	steps []step
}

// maxScript bounds the size of a script, in bytes.
const maxScript = 64 << 20

// Parse parses a script. The error is a *SyntaxError if the script is invalid.
func Parse(from io.Reader, o Options) (*Script, error) {
	content, err := io.ReadAll(io.LimitReader(from, maxScript+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read script: %w", err)
	case len(content) > maxScript:
		return nil, fmt.Errorf("read script %s: larger than %d MiB", o.Name, maxScript>>20)
	}
	p := parser{o: o, captured: map[string]string{}}
	s := &Script{name: o.Name}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	number := 0
	for line := range bytes.Lines(content) {
		number++
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		if !utf8.Valid(line) {
			return nil, &SyntaxError{o.Name, number, "not UTF-8", "/hex and /base64 send bytes"}
		}
		one, err := p.parse(string(line))
		if err != nil {
			return nil, syntaxError(o.Name, number, err)
		}
		one.number = number
		s.steps = append(s.steps, one)
	}
	return s, nil
}
