// Package jq reads JSON as jq expressions take it.
package jq

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Values reads the JSON values of a text as gojq takes them. Numbers stay the text they are, so that no
// digit of an id is lost; strings are parts of the text, not copies.
type Values struct {
	Text  string
	at    int
	depth int
	most  int // values that may be read; 0 = any number
	count int // of them so far

	records bool // record separators between values are blanks
}

// NewValues reads a message of which the largest may have max bytes, 0 = no limit: without a byte order mark, and with the record
// separators of RFC 7464 and SignalR as blanks. A message with more values than an eighth of that is refused with a
// *ComplexError, as a value takes up to 64 bytes.
func NewValues(message []byte, max int64) Values {
	return Values{Text: strings.TrimPrefix(string(message), "\ufeff"), most: int(max / 8), records: true}
}

// ComplexError says that a message has too many values.
type ComplexError struct{ Most int }

func (e *ComplexError) Error() string {
	return fmt.Sprintf("the message is too complex to be shown, it has more than %d values", e.Most)
}

// deepestValue is how deep values may be nested, as in encoding/json.
const deepestValue = 10000

// ErrNotJSON says that a text is not JSON.
var ErrNotJSON = errors.New("not JSON")

// Parse reads a text that is one JSON value.
func Parse(text string) (any, error) {
	p := Values{Text: text}
	value, err := p.Next()
	if err == nil && p.More() {
		err = ErrNotJSON
	}
	return value, err
}

// More reports whether another value follows.
func (p *Values) More() bool {
	p.space()
	return p.at < len(p.Text)
}

// At returns how many bytes of the text were read.
func (p *Values) At() int { return p.at }

func (p *Values) space() {
	for p.at < len(p.Text) {
		switch p.Text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		case recordSeparator:
			if !p.records || p.depth > 0 {
				return
			}
			p.at++
		default:
			return
		}
	}
}

// peek returns the byte at hand, 0 at the end.
func (p *Values) peek() byte {
	if p.at < len(p.Text) {
		return p.Text[p.at]
	}
	return 0
}

// recordSeparator stands between values that are a record each (RFC 7464).
const recordSeparator = 0x1E

// Next returns the next value.
func (p *Values) Next() (any, error) {
	if p.count++; p.most > 0 && p.count > p.most {
		return nil, &ComplexError{p.most}
	}
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, l := range [...]struct {
		word  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if strings.HasPrefix(p.Text[p.at:], l.word) {
			p.at += len(l.word)
			return l.value, nil
		}
	}
	return nil, ErrNotJSON
}

// enter goes one level down.
func (p *Values) enter() error {
	p.at++
	if p.depth++; p.depth > deepestValue {
		return ErrNotJSON
	}
	p.space()
	return nil
}

// separator takes the comma before the next member, or the end.
func (p *Values) separator(end byte) (ended bool, err error) {
	p.space()
	switch c := p.peek(); {
	case c == ',':
		p.at++
		p.space()
		return false, nil
	case c == end && c != 0:
		p.at++
		p.depth--
		return true, nil
	}
	return false, ErrNotJSON
}

func (p *Values) object() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	if p.peek() == '}' {
		_, err := p.separator('}')
		return members, err
	}
	for {
		if p.peek() != '"' {
			return nil, ErrNotJSON
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, ErrNotJSON
		}
		p.at++
		value, err := p.Next()
		if err != nil {
			return nil, err
		}
		members[name.(string)] = value
		if ended, err := p.separator('}'); ended || err != nil {
			return members, err
		}
	}
}

func (p *Values) array() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	elements := []any{}
	if p.peek() == ']' {
		_, err := p.separator(']')
		return elements, err
	}
	for {
		value, err := p.Next()
		if err != nil {
			return nil, err
		}
		elements = append(elements, value)
		if ended, err := p.separator(']'); ended || err != nil {
			return elements, err
		}
	}
}

// number takes a number as RFC 8259, section 6, writes it.
func (p *Values) number() (any, error) {
	from := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return nil, ErrNotJSON
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return nil, ErrNotJSON
		}
	}
	if p.peek()|0x20 == 'e' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return nil, ErrNotJSON
		}
	}
	return json.Number(p.Text[from:p.at]), nil
}

// digits takes digits and says whether there was one.
func (p *Values) digits() bool {
	from := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > from
}

// string takes a string; one without escapes is a part of the message.
func (p *Values) string() (any, error) {
	p.at++
	n := strings.IndexByte(p.Text[p.at:], '"')
	if n < 0 {
		return nil, ErrNotJSON
	}
	if s := p.Text[p.at : p.at+n]; isPlain(s) {
		p.at += n + 1
		return s, nil
	}
	return p.escaped()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '\\' || c >= utf8.RuneSelf {
			return c >= utf8.RuneSelf && utf8.ValidString(s) && !strings.ContainsFunc(s, isEscapeOrControl)
		}
	}
	return true
}

func isEscapeOrControl(r rune) bool { return r < 0x20 || r == '\\' }

func (p *Values) escaped() (any, error) {
	var b strings.Builder
	for p.at < len(p.Text) {
		c := p.Text[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < 0x20:
			return nil, ErrNotJSON
		case c != '\\':
			r, size := utf8.DecodeRuneInString(p.Text[p.at:])
			b.WriteRune(r)
			p.at += size
		default:
			r, err := p.escape()
			if err != nil {
				return nil, err
			}
			b.WriteRune(r)
		}
	}
	return nil, ErrNotJSON
}

// escape takes what stands behind a backslash.
func (p *Values) escape() (rune, error) {
	p.at++
	c := p.peek()
	p.at++
	if c == 'u' {
		return p.unicode()
	}
	const names, runes = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(names, c); i >= 0 {
		return rune(runes[i]), nil
	}
	return 0, ErrNotJSON
}

// unicode takes four digits, or two times four for a character above U+FFFF. Half of such a pair becomes
// U+FFFD.
func (p *Values) unicode() (rune, error) {
	r, ok := p.quad(p.at)
	if !ok {
		return 0, ErrNotJSON
	}
	p.at += 4
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if strings.HasPrefix(p.Text[p.at:], `\u`) {
		if low, ok := p.quad(p.at + 2); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				p.at += 6
				return both, nil
			}
		}
	}
	return utf8.RuneError, nil
}

// quad reads four hexadecimal digits.
func (p *Values) quad(at int) (rune, bool) {
	if at+4 > len(p.Text) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.Text[at : at+4]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if c < '0' || c > '9' && c < 'A' || digit < 0 {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}
