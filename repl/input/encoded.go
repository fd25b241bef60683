package input

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"

	"wsx/client"
)

// Encoded decodes lines of text to binary messages.
type Encoded struct {
	lines  *Lines
	decode func(dst, text []byte) ([]byte, error)
	data   []byte
}

// NewHex decodes lines of hexadecimal digits.
func NewHex(from io.Reader, o Options) *Encoded { return newEncoded(from, o, DecodeHex) }

// NewBase64 decodes lines of base64.
func NewBase64(from io.Reader, o Options) *Encoded { return newEncoded(from, o, DecodeBase64) }

func newEncoded(from io.Reader, o Options, decode func(dst, text []byte) ([]byte, error)) *Encoded {
	o.Type = client.Binary
	return &Encoded{lines: NewLines(from, o), decode: decode}
}

// Ready reports whether a whole line has been read and not yet delivered.
func (s *Encoded) Ready() bool { return s.lines.Ready() }

// Next returns the next message; a line that is not encoded so is a *RejectedLine.
func (s *Encoded) Next(ctx context.Context) (Line, error) {
	line, err := s.lines.Next(ctx)
	if err != nil {
		return Line{}, err
	}
	if line.Number == 1 {
		line.Data = TrimMark(line.Data)
	}
	s.data, err = s.decode(s.data[:0], line.Data)
	if err != nil {
		return Line{}, s.lines.reject(&RejectedLine{Name: s.lines.o.Name, Number: line.Number, Reason: err.Error()})
	}
	line.Data = s.data
	return line, nil
}

// DecodeHex appends the bytes that text stands for: pairs of hexadecimal digits, with or without 0x before
// and spaces between them.
func DecodeHex(dst, text []byte) ([]byte, error) {
	text = bytes.TrimSpace(text)
	if len(text) >= 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		if text = text[2:]; len(text) == 0 {
			return dst, errors.New("no hexadecimal digits after 0x")
		}
	}
	for len(text) > 0 {
		pair := text[:min(2, len(text))]
		decoded, err := hex.AppendDecode(dst, pair)
		if err != nil {
			if len(pair) == 1 {
				return dst, errors.New("a hexadecimal digit is missing at the end")
			}
			return dst, errors.New("not two hexadecimal digits: " + string(pair))
		}
		dst = decoded
		text = bytes.TrimLeft(text[len(pair):], " \t")
	}
	return dst, nil
}

// DecodeBase64 appends the bytes that text stands for in base64 (RFC 4648, section 4), padded or not.
func DecodeBase64(dst, text []byte) ([]byte, error) {
	text = bytes.TrimRight(bytes.TrimSpace(text), "=")
	decoded, err := base64.RawStdEncoding.AppendDecode(dst, text)
	if err != nil {
		return dst, errors.New("not base64")
	}
	return decoded, nil
}
