package recording

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Literal is a JSON string as in the recording, with its quotes. It is a part of the line, so that a long message is in memory once.
type Literal []byte

// UnmarshalJSON accepts a string. It makes no copy: the line is kept as long as its event.
func (l *Literal) UnmarshalJSON(text []byte) error {
	switch {
	case text[0] == '"':
		*l = text
	case string(text) != "null":
		return errors.New(`"data" is not a string`)
	}
	return nil
}

// text returns the text between the quotes.
func (l Literal) text() []byte {
	if len(l) == 0 {
		return nil
	}
	return l[1 : len(l)-1]
}

// Payload returns the payload of a message, ping or pong. The literal is decoded in place, so that Payload can be called only
// once.
func (e *Event) Payload() ([]byte, error) {
	text := unescape(e.Data.text())
	e.Data = nil
	switch e.Encoding {
	case "":
		return text, nil
	case "base64":
		return decodeInPlace(text)
	}
	return nil, errEncoding(e.Encoding)
}

func errEncoding(name string) error {
	return fmt.Errorf(`"encoding" must be "base64", not %q`, name)
}

var errNotBase64 = errors.New(`"data" is not base64`)

func fromBase64(text []byte) io.Reader {
	return base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text))
}

func checkBase64(text []byte) error {
	if _, err := io.Copy(io.Discard, fromBase64(text)); err != nil {
		return errNotBase64
	}
	return nil
}

// decodeInPlace replaces base64 by its bytes. The reading position is always ahead of the writing position.
func decodeInPlace(text []byte) ([]byte, error) {
	from, n := fromBase64(text), 0
	for {
		m, err := from.Read(text[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return text[:n], nil
		}
		if err != nil {
			return nil, errNotBase64
		}
	}
}

// unescape replaces the escapes of a JSON string (RFC 8259, section 7) in place, as each is longer than its character.
func unescape(text []byte) []byte {
	plain := text[:0]
	for {
		before, rest, found := bytes.Cut(text, []byte{'\\'})
		plain = append(plain, before...)
		if !found {
			return plain
		}
		if rest[0] == 'u' {
			r, size := hexRune(rest)
			plain, text = utf8.AppendRune(plain, r), rest[size:]
			continue
		}
		c := rest[0]
		if i := strings.IndexByte("bfnrt", c); i >= 0 {
			c = "\b\f\n\r\t"[i]
		}
		plain, text = append(plain, c), rest[1:]
	}
}

// hexRune returns the character of u0041, or of ud83d\ude00; an unpaired surrogate is U+FFFD.
func hexRune(text []byte) (r rune, size int) {
	const single, pair = len("u0000"), len(`u0000\u0000`)
	first := hexUnit(text[1:single])
	if !utf16.IsSurrogate(first) {
		return first, single
	}
	if len(text) >= pair && text[single] == '\\' && text[single+1] == 'u' {
		if r := utf16.DecodeRune(first, hexUnit(text[single+2:pair])); r != utf8.RuneError {
			return r, pair
		}
	}
	return utf8.RuneError, single
}

// hexUnit reads four hexadecimal digits, which are valid as the line is JSON.
func hexUnit(digits []byte) rune {
	unit, _ := strconv.ParseUint(string(digits), 16, 16)
	return rune(unit)
}
