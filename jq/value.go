// Package jq reads JSON as jq expressions take it.
package jq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Values reads the JSON values of a text as gojq takes them. Numbers stay the text they are, so that no digit of an id is
// lost.
type Values struct {
	text []byte
	at   int
	most int // weight that the text may have; 0 = any

	blanks string // between values
}

// space is what JSON allows between tokens (RFC 8259, section 2).
const space = " \t\r\n"

// recordSeparator stands between values that are a record each (RFC 7464).
const recordSeparator = "\x1e"

// NewValues reads a message of which the largest may have limit bytes, 0 = any number: without a byte order mark, and with the record
// separators of RFC 7464 and SignalR as blanks. A message whose values would take more than eight times the limit in memory, with the
// message and what the garbage collector leaves for a while, is refused with a *ComplexError.
func NewValues(message []byte, limit int64) Values {
	p := Values{text: bytes.TrimPrefix(message, []byte("\ufeff")), blanks: space + recordSeparator}
	if limit > 0 {
		p.most = int(max(minWeight, limit/bytesPerWeight))
	}
	return p
}

// TextValues reads the values of a text without a limit.
func TextValues(text string) Values { return Values{text: []byte(text), blanks: space} }

// What values take. Some 100 bytes each were measured, and 430 for an object with one member.
const (
	objectWeight   = 5        // of an object, in values
	bytesPerWeight = 32       // of the largest message, for which it may have one value
	minWeight      = 64 << 10 // that is always allowed
)

// ComplexError says that a message has too many values.
type ComplexError struct{ Values int }

func (e *ComplexError) Error() string {
	return fmt.Sprintf("the message is too complex to be shown, %d values", e.Values)
}

// ErrNotJSON says that a text is not JSON.
var ErrNotJSON = errors.New("not JSON")

// Parse reads a text that is one JSON value.
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
	rest := bytes.TrimLeft(p.text[p.at:], p.blanks)
	p.at = len(p.text) - len(rest)
	return len(rest) > 0
}

// At returns how many bytes of the text were read.
func (p *Values) At() int { return p.at }

// Next returns the next value.
func (p *Values) Next() (any, error) {
	if !p.More() {
		return nil, ErrNotJSON
	}
	if p.most > 0 && objectWeight*len(p.text) > p.most {
		if values, weight := countValues(p.text); weight > p.most {
			return nil, &ComplexError{values}
		}
		p.most = 0 // it is counted once
	}
	decoder := json.NewDecoder(bytes.NewReader(p.text[p.at:]))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, ErrNotJSON
	}
	p.at += int(decoder.InputOffset())
	return value, nil
}

// countValues returns how many values a text has, or more if its containers are empty, and their weight. For a text that is
// not JSON it returns any numbers.
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
