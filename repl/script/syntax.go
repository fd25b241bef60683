package script

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

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
