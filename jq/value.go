// Package jq parses JSON for jq expressions.
package jq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Values parses the JSON values of a text into values of gojq. Numbers are kept as text, so that no digit of an id is lost.
type Values struct {
	text      []byte
	offset    int // of the next value
	maxWeight int // maximum weight of the text; 0 = no limit

	blanks string // the characters allowed between values
}

// space is the whitespace of JSON (RFC 8259, section 2).
const space = " \t\r\n"

// recordSeparator separates records (RFC 7464).
const recordSeparator = "\x1e"

// NewValues returns the values of a message; limit is the length of the largest message, 0 = no limit. A byte order mark and
// the record separators of RFC 7464 and SignalR are skipped. Next returns a *ComplexError for a message whose values would take
// more than eight times limit in memory, including the message and uncollected garbage.
func NewValues(message []byte, limit int64) Values {
	p := Values{text: bytes.TrimPrefix(message, []byte("\ufeff")), blanks: space + recordSeparator}
	if limit > 0 {
		p.maxWeight = int(max(minWeight, limit/bytesPerWeight))
	}
	return p
}

// TextValues parses the values of a text without a limit.
func TextValues(text string) Values { return Values{text: []byte(text), blanks: space} }

// The memory of values: about 100 bytes each were measured, and 430 for an object with one member.
const (
	objectWeight   = 5        // the weight of an object; other values weigh 1
	bytesPerWeight = 32       // a message may have a weight of 1 for this many bytes of the limit
	minWeight      = 64 << 10 // always allowed
)

// ComplexError is returned for a message with too many values.
type ComplexError struct{ Values int }

func (e *ComplexError) Error() string {
	return fmt.Sprintf("the message is too complex to be shown, %d values", e.Values)
}

// ErrNotJSON is returned for a text that is not JSON.
var ErrNotJSON = errors.New("not JSON")

// Parse parses a text that is one JSON value.
func Parse(text string) (any, error) {
	p := TextValues(text)
	value, err := p.Next()
	if err == nil && p.More() {
		err = ErrNotJSON
	}
	return value, err
}

// More reports whether another value follows.
func (p *Values) More() bool {
	rest := bytes.TrimLeft(p.text[p.offset:], p.blanks)
	p.offset = len(p.text) - len(rest)
	return len(rest) > 0
}

// At returns the number of bytes of the text that were read.
func (p *Values) At() int { return p.offset }

// Next returns the next value.
func (p *Values) Next() (any, error) {
	if !p.More() {
		return nil, ErrNotJSON
	}
	if p.maxWeight > 0 && objectWeight*len(p.text) > p.maxWeight {
		if values, weight := countValues(p.text); weight > p.maxWeight {
			return nil, &ComplexError{values}
		}
		p.maxWeight = 0 // the values are counted only once
	}
	decoder := json.NewDecoder(bytes.NewReader(p.text[p.offset:]))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, ErrNotJSON
	}
	p.offset += int(decoder.InputOffset())
	return value, nil
}

// countValues returns the number of values in a text, or more if it has empty containers, and their weight. For a text that is not JSON
// the numbers are arbitrary.
func countValues(text []byte) (values, weight int) {
	n, objects, depth, inString := 1, 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			objects++
			n++
			depth++
		case c == '[':
			n++
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',', depth == 0 && (c == '\n' || c == recordSeparator[0]):
			n++
		}
	}
	return n, n + (objectWeight-1)*objects
}
