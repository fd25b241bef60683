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
	v := Values{text: bytes.TrimPrefix(message, []byte("\ufeff")), blanks: space + recordSeparator}
	if limit > 0 {
		v.maxWeight = int(max(minWeight, limit/bytesPerWeight))
	}
	return v
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
	v := TextValues(text)
	value, err := v.Next()
	if err == nil && v.More() {
		err = ErrNotJSON
	}
	return value, err
}

// More reports whether another value follows.
func (v *Values) More() bool {
	rest := bytes.TrimLeft(v.text[v.offset:], v.blanks)
	v.offset = len(v.text) - len(rest)
	return len(rest) > 0
}

// At returns the number of bytes of the text that were read.
func (v *Values) At() int { return v.offset }

// Next returns the next value.
func (v *Values) Next() (any, error) {
	if !v.More() {
		return nil, ErrNotJSON
	}
	if v.maxWeight > 0 && objectWeight*len(v.text) > v.maxWeight {
		if values, weight := countValues(v.text); weight > v.maxWeight {
			return nil, &ComplexError{values}
		}
		v.maxWeight = 0 // the values are counted only once
	}
	decoder := json.NewDecoder(bytes.NewReader(v.text[v.offset:]))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, ErrNotJSON
	}
	v.offset += int(decoder.InputOffset())
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
