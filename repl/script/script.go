// Package script runs scripts: files of lines to send, and of expectations of what is received.
//
// A script is a source of lines like a pipe, but some of its lines are expectations, which are waited for.
package script

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Script is a parsed script.
type Script struct {
	name  string
	steps []step
}

// verb is the kind of a step.
type verb uint8

const (
	send   verb = iota // a message, or a command that begins with a slash
	expect             // wait for a message or a Close
	wait               // pause
)

// step is a line of a script that is not empty and not a comment.
type step struct {
	number int    // of its line, from 1
	line   string // as it stands in the file
	verb   verb
	text   text          // send: what is sent
	plain  bool          // send: it is not a command, even if a capture makes it begin with a slash
	wanted expectation   // expect: what
	pause  time.Duration // wait: how long
}

// endsSession reports whether a step ends the session.
func (s step) endsSession() bool {
	word, _, _ := strings.Cut(s.line, " ")
	return s.verb == send && (word == "/close" || word == "/quit")
}

// Options configure how a script is parsed.
type Options struct {
	Name    string             // of the file, for errors and reports
	Command func(string) error // checks a line that begins with a slash; nil = such lines are not checked
	Kinds   []string           // kinds of dialect events, for < KIND EXPR; empty = there is no dialect
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
