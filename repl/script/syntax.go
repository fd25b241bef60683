package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SyntaxError is an invalid line of a script.
type SyntaxError struct {
	Name   string // of the script
	Number int    // of the line, from 1
	Reason string
	Hint   string // what to write instead; may be empty
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: line %d: %s", e.Name, e.Number, e.Reason)
}

// Kind returns the kind of the error event.
func (e *SyntaxError) Kind() string { return "usage" }

// HintText returns what to write instead, or "".
func (e *SyntaxError) HintText() string { return e.Hint }

// syntaxError returns a *SyntaxError for a line.
func syntaxError(name string, number int, err error) error {
	if hinted, ok := errors.AsType[*hintedError](err); ok {
		return &SyntaxError{name, number, hinted.reason, hinted.hint}
	}
	return &SyntaxError{name, number, err.Error(), ""}
}

// hintedError is an error with a hint what to write instead.
type hintedError struct{ reason, hint string }

func (e *hintedError) Error() string { return e.reason }

// sample is the value of captures while a script is parsed.
const sample = "0"

// parser holds the names that earlier lines capture.
type parser struct {
	o        Options
	captured map[string]string
}

// parse parses a line that is neither empty nor a comment.
func (p *parser) parse(line string) (step, error) {
	s := step{line: line, plain: line[0] != '/'}
	var err error
	switch {
	case line[0] == '<':
		s.verb = expect
		s.wanted, err = p.expectation(line)
	case line == ">" || strings.HasPrefix(line, "> "):
		s.text, err = p.parseReferences(strings.TrimPrefix(line[1:], " "))
	case strings.HasPrefix(line, ">json "):
		s.text, err = p.jsonText(strings.TrimPrefix(line, ">json "))
	case line[0] == '>':
		s.verb = wait
		s.pause, err = parseWait(line)
	default:
		if err = p.command(line); err == nil {
			s.text, err = p.parseReferences(line)
		}
	}
	return s, err
}

// jsonText parses a text that is written as a JSON string.
func (p *parser) jsonText(quoted string) (text, error) {
	var written string
	if json.Unmarshal([]byte(quoted), &written) != nil {
		return nil, &hintedError{">json must be followed by a JSON string", `>json "one\ntwo" sends a text of two lines`}
	}
	return p.parseReferences(written)
}

// command returns an error if a line is an invalid command.
func (p *parser) command(line string) error {
	if line[0] != '/' || strings.HasPrefix(line, "//") || p.o.Command == nil {
		return nil
	}
	return p.o.Command(line)
}

// parseReferences parses a text, and checks that its references name earlier captures.
func (p *parser) parseReferences(written string) (text, error) {
	t := parseText(written)
	for _, part := range t {
		if _, known := p.captured[part.name]; part.name != "" && !known {
			return nil, &hintedError{
				fmt.Sprintf("no line before this one captures ${%s}", part.name),
				fmt.Sprintf("< ...(?P<%s>...) captures it; $${%s} is sent as ${%s}", part.name, part.name, part.name),
			}
		}
	}
	return t, nil
}

// addCaptures records the names that a regular expression captures.
func (p *parser) addCaptures(pattern string) {
	for _, name := range regexp.MustCompile(pattern).SubexpNames() {
		if name != "" {
			p.captured[name] = sample
		}
	}
}

// parseWait parses ">wait 1s".
func parseWait(line string) (time.Duration, error) {
	word, arg, _ := strings.Cut(line[1:], " ")
	if word == "wait" {
		return parseDuration(strings.TrimSpace(arg))
	}
	return 0, &hintedError{
		fmt.Sprintf(">%s: expected >wait D, >json STRING or > TEXT", word),
		"put > and a space before a line to send it, whatever it begins with",
	}
}

// parseDuration parses "1.5s", "200ms", "2m", or a number of seconds.
func parseDuration(written string) (time.Duration, error) {
	seconds, err := strconv.ParseFloat(written, 64)
	if err == nil && seconds >= 0 && seconds < math.MaxInt32 {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(written)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration like 1.5s, 200ms or 2m", written)
	}
	return d, nil
}
